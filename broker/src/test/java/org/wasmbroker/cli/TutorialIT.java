package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.Tutorial;

/** The tutorial of docs/publish.md without a compiler; RustTemplateIT has it as it is written. */
class TutorialIT {
  @TempDir private Path directory;

  @Test
  void fiveCommandsLeadFromNothingToAStep() {
    assertThat(Tutorial.commands()).hasSizeLessThanOrEqualTo(5);
    try (var database = TestDatabase.create()) {
      var all =
          Stream.concat(Tutorial.commands().stream(), Tutorial.withoutDatabase().stream())
              .map(TutorialIT::withoutCompiler)
              .toList();
      var ended = new Tutorial(directory, Map.of()).run(all, database.brokerConfig());

      assertThat(ended.exitCode()).as(ended.output()).isZero();
      assertThat(ended.output())
          .containsSubsequence(
              List.of(
                  "made hello",
                  "3 examples, all as expected",
                  "modules/hello/1.0.0",
                  "completed",
                  "{\"status\":\"completed\",\"result\":{\"greeting\":\"Hello, Ada!\"}}"));
    }
  }

  private static String withoutCompiler(String command) {
    return command.replace("wasm-broker new hello", "wasm-broker new hello --lang wat");
  }
}
