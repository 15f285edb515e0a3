package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.testing.JarSources;

/** The script {@code wasm-broker} in a checkout whose jar is up to date, with another "Java". */
class LauncherTest {
  @TempDir private Path checkout;

  @BeforeEach
  void prepare() throws IOException {
    for (var source :
        List.of("pom.xml", "broker/pom.xml", "scripts/fetch-parts", "scripts/RaiseClasses.java")) {
      write(source, "");
    }
    for (var source : JarSources.examples()) {
      write(source.toString(), "");
    }
    Files.copy(Path.of("..", "wasm-broker"), checkout.resolve("wasm-broker"));
    write("scripts/find-jdk", "#!/bin/sh\necho \"" + checkout.resolve("jdk") + "\"\n");
    write("jdk/bin/java", "#!/bin/sh\nlocale charmap\nfor last; do :; done\necho \"$last\"\n");
    write("broker/target/wasm-broker-app.jar", "");
    var now = FileTime.from(Instant.now().plusSeconds(1)); // whatever the clock of the files shows
    Files.setLastModifiedTime(checkout.resolve("broker/target/wasm-broker-app.jar"), now);
  }

  private void write(String name, String text) throws IOException {
    var file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private List<String> run(String locale) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), "last")
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", locale);
    return output(builder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", ""})
  void javaGetsALocaleThatKnowsAllNamesOfFiles(String locale) throws Exception {
    assertThat(run(locale)).containsExactly("UTF-8", "last");
  }

  @ParameterizedTest
  @MethodSource("org.wasmbroker.testing.JarSources#examples")
  void aChangeOfWhatTheJarIsMadeOfBuildsItAgain(Path source) throws Exception {
    write("bin/mvn", "#!/bin/sh\necho built\n");
    var later = FileTime.from(Instant.now().plusSeconds(10));
    Files.setLastModifiedTime(checkout.resolve(source), later);
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), "last")
            .redirectErrorStream(true);
    builder.environment().merge("PATH", checkout.resolve("bin") + ":", (path, bin) -> bin + path);

    assertThat(output(builder)).contains("last");
    assertThat(checkout.resolve("broker/target/build.log")).content().contains("built");
  }

  @Test
  void aLocaleThatKnowsThemStays() throws Exception {
    write("jdk/bin/java", "#!/bin/sh\necho \"$LC_ALL\"\n");

    assertThat(run("C.utf8")).containsExactly("C.utf8");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 48, 80",
    "64, 4, 96, 128",
    "3, 4, 80, 112",
    "4096, 29, 496, 528",
    "4096, 30, 512, 544",
    "10000, 10000, 512, 544"
  })
  void theHeapBeginsWithTheSizeThatTheGuestsNeedThatCompute(
      String slots, String processors, int young, int first) throws Exception {
    assertThat(javaOptions(slots, processors, ""))
        .containsSequence("-XX:+UseParallelGC", "-Xms" + first + "m", "-Xmn" + young + "m")
        .contains("MALLOC_ARENA_MAX=4");
    assertThat(largestHeap(slots, processors)).isGreaterThanOrEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "64, 4", "4096, 4", "30, 30", "100, 100", "4096, 4096"})
  void theLargestHeapIsAQuarterOfTheMemoryAndMoreIfTheStepsNeedItUpToAHalf(
      int slots, int processors) throws Exception {
    long memory = memory() >> 20;
    long documents = 292 + 64L * processors + (slots - processors);
    long needed = documents + Math.min(512, documents / 7);
    long first = Math.min(512, 32 + 16 * processors) + 32L;

    assertThat(largestHeap(Integer.toString(slots), Integer.toString(processors)))
        .isCloseTo(
            Math.max(first, Math.max(memory / 4, Math.min(memory / 2, needed))), Offset.offset(2L));
  }

  @Test
  void withoutSettingsTheHeapIsThatOfTheBrokersDefaults() throws Exception {
    int processors = DispatchConfig.DEFAULTS.processors();
    int slots = DispatchConfig.DEFAULTS.slots();

    assertThat(javaOptions("", "", ""))
        .isEqualTo(javaOptions(Integer.toString(slots), Integer.toString(processors), ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "two", "1e3", "4 -Xint"})
  void boundsThatAreNoNumberCountAsTwo(String bound) throws Exception {
    assertThat(javaOptions(bound, bound, "-Dany=1")).contains("-Xmn64m").doesNotContain("-Xint");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-Xmx2g", "-Xms1g", "-Xmn1g", "-XX:MaxRAMPercentage=50", "-XX:MaxHeapSize=2g"})
  void whoeverSetsASizeOfTheHeapSetsAllOfThem(String option) throws Exception {
    assertThat(javaOptions("4", "4", "-Dany=1 " + option))
        .containsSequence("-XX:+UseParallelGC", "-Dany=1", option, "-jar")
        .noneSatisfy(it -> assertThat(it).isNotEqualTo(option).startsWith("-Xm"));
  }

  @Test
  void aShortCommandHasTheCollectorAndTheCompilerThatStartFastest() throws Exception {
    assertThat(javaOptions("invoke", "2", "2", ""))
        .containsSequence("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .doesNotContain("-XX:+UseParallelGC");
  }

  @Test
  void theModulesThatWereCompiledBesideTheJarAreUsedUnlessAConfigurationFileMayNameOthers()
      throws Exception {
    write("scripts/aot-cache", "#!/bin/sh\necho \"" + checkout.resolve("x.aot") + "\"\n");
    write("x.aot", "");
    var compiled = Files.createDirectories(checkout.resolve("x.compiled"));
    write("jdk/bin/java", "#!/bin/sh\necho \"$WASM_BROKER_ENGINE_COMPILE_SEED\"\n");

    assertThat(seed("run")).isEqualTo(compiled.toString());
    assertThat(seed("run", "--config", "any.yaml")).isEmpty();
    assertThat(seed("run", "-cany.yaml")).isEmpty();
  }

  @Test
  void aShortCommandHasTheSmallerCache() throws Exception {
    write("scripts/aot-cache", "#!/bin/sh\necho \"" + checkout.resolve("x.aot") + "\"\n");
    write("x.aot", "");
    assertThat(cache("invoke")).as("if there is no other").isEqualTo("x.aot");

    write("x.commands", "");
    assertThat(cache("invoke")).isEqualTo("x.commands");
    assertThat(cache("session")).isEqualTo("x.commands");
    assertThat(cache("run")).isEqualTo("x.aot");
    assertThat(cache("dev")).isEqualTo("x.aot");
  }

  private String cache(String command) throws Exception {
    var prefix = "-XX:AOTCache=" + checkout + "/";
    return javaOptions(command, "2", "2", "").stream()
        .filter(option -> option.startsWith(prefix))
        .map(option -> option.substring(prefix.length()))
        .findFirst()
        .orElseThrow();
  }

  private String seed(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("/bin/bash", checkout.resolve("wasm-broker").toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WASM_BROKER_"));
    return String.join("\n", output(builder));
  }

  private long largestHeap(String slots, String processors) throws Exception {
    var option =
        javaOptions(slots, processors, "").stream()
            .filter(it -> it.startsWith("-Xmx"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(option.substring("-Xmx".length(), option.length() - 1));
  }

  /** What the container allows, or the machine has. */
  private static long memory() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /** The arguments of Java, and its setting of the allocator. */
  private List<String> javaOptions(String slots, String processors, String options)
      throws Exception {
    return javaOptions("run", slots, processors, options);
  }

  private List<String> javaOptions(String command, String slots, String processors, String options)
      throws Exception {
    write(
        "jdk/bin/java",
        "#!/bin/sh\necho MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX\nprintf '%s\\n' \"$@\"\n");
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), command)
            .redirectErrorStream(true);
    builder.environment().put("WASM_BROKER_DISPATCH_SLOTS", slots);
    builder.environment().put("WASM_BROKER_DISPATCH_PROCESSORS", processors);
    builder.environment().put("WASM_BROKER_JAVA_OPTS", options);
    builder.environment().remove("MALLOC_ARENA_MAX");
    return output(builder);
  }

  private static List<String> output(ProcessBuilder builder)
      throws IOException, InterruptedException {
    var process = builder.start();
    var lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines;
  }
}
