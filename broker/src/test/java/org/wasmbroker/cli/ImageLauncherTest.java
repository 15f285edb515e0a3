package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program that starts the broker in its image, with another "Java". */
class ImageLauncherTest {
  private static final Path SOURCE = Path.of("..", "deploy", "image", "launcher.c");

  @TempDir private static Path built;

  @TempDir private Path home;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    var program = built.resolve("wasm-broker").toString();
    var cc = new ProcessBuilder("cc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-o", program);
    cc.command().add(SOURCE.toString());
    assertThat(cc.inheritIO().start().waitFor()).as("cc").isZero();
  }

  @BeforeEach
  void install() throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.copy(built.resolve("wasm-broker"), home.resolve("bin/wasm-broker"));
    var java = Files.createDirectories(home.resolve("runtime/bin")).resolve("java");
    Files.writeString(
        java,
        "#!/bin/sh\n"
            + "echo LC_ALL=$LC_ALL MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX\n"
            + "printf '%s\\n"
            + "' \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  private record Ended(int code, List<String> lines) {}

  private Ended start(Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(home.resolve("bin/wasm-broker").toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("WASM_BROKER_.*|MALLOC_.*|XDG_.*"));
    builder.environment().putAll(variables);
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output.lines().toList());
  }

  private List<String> java(Map<String, String> variables, String... arguments) throws Exception {
    var ended = start(variables, arguments);
    assertThat(ended.code).as(String.join("\n", ended.lines)).isZero();
    return ended.lines;
  }

  @Test
  void startsTheJarBesideItWithTheArgumentsAsTheyAre() throws Exception {
    assertThat(java(Map.of(), "run", "--set", "a= b\tc", "", "*"))
        .endsWith("-jar", home + "/lib/wasm-broker-app.jar", "run", "--set", "a= b\tc", "", "*");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 48, 80", "64, 4, 96, 128", "3, 4, 80, 112", "4096, 30, 512, 544"})
  void theHeapBeginsWithTheSizeThatTheGuestsNeedThatCompute(
      String slots, String processors, int young, int first) throws Exception {
    assertThat(java(bounds(slots, processors)))
        .containsSequence("-XX:+UseParallelGC", "-Xms" + first + "m", "-Xmn" + young + "m");
  }

  /** What {@code LauncherTest} says about the script holds for the program then. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "64, 4",
    "4, 64",
    "4096, 30",
    "4096, 4096",
    "4097, 4097",
    "99999, 99999",
    "123456, 0",
    "0, 3",
    "-1, -1",
    "two, two",
    "1e3, 5",
    "'', ''",
    "64, ''",
    "'', 4"
  })
  void theHeapIsThatOfTheScript(String slots, String processors) throws Exception {
    var variables = bounds(slots, processors);

    assertThat(sizes(java(variables))).hasSize(3).isEqualTo(sizes(script(variables)));
  }

  private static Map<String, String> bounds(String slots, String processors) {
    return Map.of(
        "WASM_BROKER_DISPATCH_SLOTS", slots, "WASM_BROKER_DISPATCH_PROCESSORS", processors);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xmx2g",
        "-Dany=1 -Xms1g",
        "-Xmn1g -Dany=1",
        "-XX:MaxRAMPercentage=50",
        "-XX:MaxHeapSize=2g"
      })
  void whoeverSetsASizeOfTheHeapSetsAllOfThem(String options) throws Exception {
    var arguments = java(Map.of("WASM_BROKER_JAVA_OPTS", "  " + options + "\n"));

    var given = List.of(options.split(" "));
    assertThat(arguments).containsSequence(given);
    assertThat(sizes(arguments).stream().filter(size -> !given.contains(size))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "de_DE.UTF-8", ""})
  void theLocaleIsTheOnlyOneOfTheImage(String locale) throws Exception {
    assertThat(java(Map.of("LC_ALL", locale, "LANG", locale)).getFirst())
        .isEqualTo("LC_ALL=C.UTF-8 MALLOC_ARENA_MAX=4");
    assertThat(java(Map.of("MALLOC_ARENA_MAX", "2")).getFirst()).endsWith("MALLOC_ARENA_MAX=2");
  }

  @Test
  void nothingOfTheVirtualMachineIsOnStandardOutput() throws Exception {
    assertThat(java(Map.of())).containsSequence("-Xlog:disable", "-Xlog:all=warning:stderr");
  }

  @Test
  void aRecordedStartIsUsedIfThereIsOne() throws Exception {
    assertThat(java(Map.of())).noneMatch(argument -> argument.contains("AOT"));

    var cache = Files.createFile(home.resolve("lib/wasm-broker.aot"));
    assertThat(java(Map.of())).contains("-XX:AOTCache=" + cache);
  }

  @Test
  void temporaryFilesAreInTheOnlyDirectoryThatCanBeWritten() throws Exception {
    assertThat(java(Map.of("XDG_CACHE_HOME", "/var/cache")))
        .contains("-Djava.io.tmpdir=/var/cache/wasm-broker");
    assertThat(java(Map.of())).noneMatch(argument -> argument.contains("tmpdir"));
  }

  @Test
  void aHealthCheckNeedsLittle() throws Exception {
    assertThat(java(Map.of("WASM_BROKER_DISPATCH_SLOTS", "100"), "health"))
        .contains("-Xmx64m", "-XX:TieredStopAtLevel=1")
        .noneMatch(argument -> argument.startsWith("-Xmn"));
  }

  @Test
  void aRuntimeThatIsMissingIsSaid() throws Exception {
    Files.delete(home.resolve("runtime/bin/java"));

    var ended = start(Map.of(), "version");

    assertThat(ended.code).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(ended.lines)
        .containsExactly(
            "wasm-broker: cannot start %s/runtime/bin/java: No such file or directory"
                .formatted(home));
  }

  private static List<String> sizes(List<String> arguments) {
    return arguments.stream().filter(argument -> argument.matches("-Xm[xns].*")).toList();
  }

  /** The script, in a checkout whose jar is up to date. */
  private List<String> script(Map<String, String> variables)
      throws IOException, InterruptedException {
    var checkout = home.resolve("checkout");
    for (var file :
        List.of(
            "pom.xml",
            "broker/pom.xml",
            "scripts/fetch-parts",
            "scripts/RaiseClasses.java",
            "broker/src/main/x")) {
      write(checkout.resolve(file), "");
    }
    Files.createDirectories(checkout.resolve("handlers-wasm/prebuilt"));
    Files.createDirectories(checkout.resolve("handlers-wasm/sdk"));
    Files.copy(Path.of("..", "wasm-broker"), checkout.resolve("wasm-broker"));
    write(checkout.resolve("scripts/find-jdk"), "#!/bin/sh\necho '" + home + "/runtime'\n");
    write(checkout.resolve("broker/target/wasm-broker-app.jar"), "");
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), "version");
    builder.environment().keySet().removeIf(name -> name.startsWith("WASM_BROKER_"));
    builder.environment().putAll(variables);
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
