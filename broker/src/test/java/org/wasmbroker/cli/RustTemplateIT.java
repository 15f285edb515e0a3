package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.RustForWasm;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.Tutorial;

/**
 * The tutorial of docs/publish.md as it is written, with a compiler. It takes too long for every
 * build: {@code make templates-check}.
 */
class RustTemplateIT {
  @TempDir private Path directory;

  @Test
  void fiveCommandsLeadFromNothingToAStep() {
    try (var database = TestDatabase.create()) {
      var all =
          Stream.of(
                  Tutorial.commands(),
                  Tutorial.withoutDatabase(),
                  List.of(
                      "cd hello",
                      "env -u RUSTC cargo test --quiet", // natively, as its README says
                      "wasm-broker test --filter tax",
                      "git init --quiet && git add . && git ls-files"))
              .flatMap(List::stream)
              .toList();
      var ended =
          new Tutorial(directory, RustForWasm.environment(directory))
              .run(all, database.brokerConfig());

      assertThat(ended.exitCode()).as(ended.output()).isZero();
      assertThat(ended.output())
          .containsSubsequence(
              "made hello",
              "building: cargo build",
              "3 examples, all as expected",
              "modules/hello/1.0.0",
              "completed",
              "{\"status\":\"completed\",\"result\":"
                  + "{\"net_cents\":500,\"tax_cents\":95,\"total_cents\":595}}",
              "1 passed",
              "2 examples, all as expected",
              "Cargo.lock",
              "sdk/src/lib.rs")
          .doesNotContain("target/wasm32", "warning:");
    }
  }
}
