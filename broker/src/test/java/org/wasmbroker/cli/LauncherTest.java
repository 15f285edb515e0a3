package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code wasm-broker} in a checkout whose jar is up to date, with another "Java". */
class LauncherTest {
  @TempDir private Path checkout;

  @BeforeEach
  void prepare() throws IOException {
    for (var source : List.of("pom.xml", "broker/pom.xml", "scripts/fetch-parts")) {
      write(source, "");
    }
    Files.createDirectories(checkout.resolve("broker/src/main"));
    Files.createDirectories(checkout.resolve("handlers-wasm/prebuilt"));
    Files.createDirectories(checkout.resolve("handlers-wasm/sdk"));
    Files.copy(Path.of("..", "wasm-broker"), checkout.resolve("wasm-broker"));
    write("scripts/find-jdk", "#!/bin/sh\necho \"" + checkout.resolve("jdk") + "\"\n");
    write("jdk/bin/java", "#!/bin/sh\nlocale charmap\nfor last; do :; done\necho \"$last\"\n");
    write("broker/target/wasm-broker-app.jar", "");
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

  @Test
  void aLocaleThatKnowsThemStays() throws Exception {
    write("jdk/bin/java", "#!/bin/sh\necho \"$LC_ALL\"\n");

    assertThat(run("C.utf8")).containsExactly("C.utf8");
  }

  @ParameterizedTest
  @CsvSource({"1, 48, 80", "4, 96, 128", "29, 496, 528", "30, 512, 544", "10000, 512, 544"})
  void theHeapIsSizedByTheSlots(String slots, int young, int first) throws Exception {
    assertThat(javaOptions(slots, ""))
        .containsSequence("-XX:+UseParallelGC", "-Xms" + first + "m", "-Xmn" + young + "m")
        .contains("MALLOC_ARENA_MAX=4");
    assertThat(largestHeap(slots)).isGreaterThanOrEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 30, 100})
  void theLargestHeapIsAQuarterOfTheMemoryAndMoreIfTheSlotsNeedItUpToAHalf(int slots)
      throws Exception {
    long memory = memory() >> 20;
    long needed = 292 + 64L * slots;
    long first = Math.min(512, 32 + 16 * slots) + 32L;

    assertThat(largestHeap(Integer.toString(slots)))
        .isCloseTo(
            Math.max(first, Math.max(memory / 4, Math.min(memory / 2, needed))), Offset.offset(2L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "two", "1e3", "4 -Xint"})
  void slotsThatAreNoNumberCountAsTwo(String slots) throws Exception {
    assertThat(javaOptions(slots, "-Dany=1"))
        .containsAnyOf("-Xmn64m", "-Xmn" + (32 + 16 * processors()) + "m")
        .doesNotContain("-Xint");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-Xmx2g", "-Xms1g", "-Xmn1g", "-XX:MaxRAMPercentage=50", "-XX:MaxHeapSize=2g"})
  void whoeverSetsASizeOfTheHeapSetsAllOfThem(String option) throws Exception {
    assertThat(javaOptions("4", "-Dany=1 " + option))
        .containsSequence("-XX:+UseParallelGC", "-Dany=1", option, "-jar")
        .noneSatisfy(it -> assertThat(it).isNotEqualTo(option).startsWith("-Xm"));
  }

  private long largestHeap(String slots) throws Exception {
    var option =
        javaOptions(slots, "").stream()
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

  private static int processors() {
    return Math.min(30, Runtime.getRuntime().availableProcessors());
  }

  /** The arguments of Java, and its setting of the allocator. */
  private List<String> javaOptions(String slots, String options) throws Exception {
    write(
        "jdk/bin/java",
        "#!/bin/sh\necho MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX\nprintf '%s\\n' \"$@\"\n");
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), "last")
            .redirectErrorStream(true);
    builder.environment().put("WASM_BROKER_DISPATCH_SLOTS", slots);
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
