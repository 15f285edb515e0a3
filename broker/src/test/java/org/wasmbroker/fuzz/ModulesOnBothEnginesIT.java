package org.wasmbroker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Generated and mutated modules, in a separate process: the same ones each time, or different ones
 * for {@code -Dfuzz.seconds} ({@code make fuzz}).
 */
class ModulesOnBothEnginesIT {
  private static final Path FOLDER = Path.of("target", "fuzz", "modules").toAbsolutePath();

  /** Where {@code handlers-wasm/build --fuzz} writes more modules. */
  private static final Path GENERATED = Path.of("..", "handlers-wasm", "target", "fuzz-modules");

  private static final int MODULES = 1_000;
  private static final int GRACE = 300;

  @Test
  void bothEnginesProduceTheSameResultsAndSurvive() throws Exception {
    Files.createDirectories(FOLDER);
    int seconds = Integer.getInteger("fuzz.seconds", 0);
    int atMost = seconds == 0 ? GRACE : seconds;
    long random = seconds == 0 ? 1 : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    var arguments =
        new ArrayList<>(
            List.of(
                ModuleFuzzer.class.getName(),
                FOLDER.toString(),
                Long.toString(random),
                Integer.toString(seconds == 0 ? MODULES : Integer.MAX_VALUE),
                Integer.toString(atMost),
                ModuleCorpus.COMMITTED.toString()));
    if (seconds > 0 && Files.isDirectory(GENERATED)) {
      arguments.add(GENERATED.toString());
    }

    var run = ChildJvm.run(arguments, FOLDER.resolve("log.txt"), GRACE + atMost);

    assertThat(run.exitCode())
        .as(
            "see %s, where %s is the module that crashed the process or was slow, if any;"
                + " docs/fuzzing.md says what next:%n%s",
            FOLDER, ModuleFuzzer.CULPRIT, run.tail())
        .isZero();
    System.out.printf("fuzz %-20s %s (seed %d)%n", "modules", run.tail(), random);
  }
}
