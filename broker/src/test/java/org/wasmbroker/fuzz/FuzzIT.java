package org.wasmbroker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs Jazzer on every target, each in a separate process: for a number of inputs with a fixed
 * seed, or for {@code -Dfuzz.seconds} ({@code make fuzz}).
 */
class FuzzIT {
  private static final Path FOLDER = Path.of("target", "fuzz");
  private static final int GRACE = 300;
  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

  /** The code that Jazzer instruments for coverage. */
  private static final String INSTRUMENTED = "org.wasmbroker.**:tools.jackson.core.**";

  static Stream<String> targets() {
    return FuzzTargets.names().stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void theTargetHoldsForAnyInput(String name) throws Exception {
    var folder = FOLDER.resolve(name).toAbsolutePath();
    var corpus = Files.createDirectories(folder.resolve("corpus"));
    var seeds = Files.createDirectories(folder.resolve("seeds"));
    var target = FuzzTargets.named(name);
    writeSeeds(FuzzTargets.seeds(name, target), seeds);

    var run =
        ChildJvm.run(
            command(name, target.shortRun(), folder, corpus, seeds),
            folder.resolve("log.txt"),
            GRACE + seconds());

    assertThat(run.exitCode())
        .as(
            "fuzzing %s found something; the input is in %s, docs/fuzzing.md says what next:%n%s",
            name, folder, run.tail())
        .isZero();
    var done = DONE.matcher(run.output());
    assertThat(done.find()).as(run.tail()).isTrue();
    System.out.printf("fuzz %-20s %9s runs in %4s s%n", name, done.group(1), done.group(2));
  }

  private static List<String> command(String name, int runs, Path folder, Path corpus, Path seeds) {
    var arguments = new ArrayList<String>();
    if (seconds() == 0) {
      arguments.add("-XX:TieredStopAtLevel=1"); // a short run is mostly startup
    }
    arguments.add("-D" + JazzerEntry.TARGET + "=" + name);
    arguments.add("com.code_intelligence.jazzer.Jazzer");
    arguments.add("--target_class=" + JazzerEntry.class.getName());
    arguments.add("--instrumentation_includes=" + INSTRUMENTED);
    arguments.add("--custom_hook_includes=" + INSTRUMENTED);
    arguments.add("--reproducer_path=" + folder);
    arguments.add("-artifact_prefix=" + folder + "/");
    arguments.add("-rss_limit_mb=0"); // the heap has its own limit
    arguments.add("-timeout=20");
    arguments.add("-max_len=8192");
    arguments.add("-print_final_stats=1");
    if (seconds() == 0) {
      arguments.add("-seed=1");
      arguments.add("-runs=" + runs);
    } else {
      arguments.add("-max_total_time=" + seconds());
      arguments.add(corpus.toString());
    }
    arguments.add(seeds.toString());
    return arguments;
  }

  /** The time for each target, 0 for a short run. */
  private static int seconds() {
    return Integer.getInteger("fuzz.seconds", 0);
  }

  private static void writeSeeds(List<byte[]> inputs, Path folder) throws IOException {
    int number = 0;
    for (var seed : inputs) {
      Files.write(folder.resolve("seed-" + number++), seed);
    }
  }
}
