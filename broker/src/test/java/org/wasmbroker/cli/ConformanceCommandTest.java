package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.conformance.ConformanceKit;
import org.wasmbroker.sandbox.wasmtime.TextFormat;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.json.JsonMapper;

/** The conformance kit tells good guests from others; the one that the Rust SDK makes is good. */
class ConformanceCommandTest {
  private static final Path RUST =
      Path.of("..", "handlers-wasm", "conformance", "prebuilt", "rust.wasm");

  @TempDir private Path directory;

  @Test
  void theGuestOfTheRustSdkPassesAllCases() throws IOException {
    var junit = directory.resolve("junit.xml");
    var run = CommandRun.of("conformance", RUST.toString(), "--json", "--junit", junit.toString());

    assertThat(run.exitCode()).as(run.out()).isZero();
    var printed = JsonMapper.shared().readTree(run.out());
    assertThat(printed.get("failed").intValue()).isZero();
    assertThat(printed.get("unsupported").intValue()).isZero();
    assertThat(printed.get("cases")).hasSameSizeAs(ConformanceKit.names());
    assertThat(printed.get("module_bytes").longValue()).isEqualTo(Files.size(RUST));
    assertThat(Files.readString(junit))
        .contains("failures=\"0\"", "skipped=\"0\"", "classname=\"rust.wasm\" name=\"echo: null\"");
  }

  @Test
  void theOtherEngineRunsItAsWell() {
    var run =
        CommandRun.of(
            "conformance", RUST.toString(), "-s", "engine.name=wasmtime-java", "--filter", "echo");

    assertThat(run.exitCode()).as(run.out()).isZero();
  }

  @Test
  void aGuestThatDoesSomethingElseFailsWithWhatItDid() throws IOException {
    var module = directory.resolve("noop.wasm");
    Files.write(module, PrebuiltHandlers.module("noop").bytes());
    var junit = directory.resolve("junit.xml");
    var run =
        CommandRun.of(
            "conformance",
            module.toString(),
            "--filter",
            "echo: numbers",
            "--junit",
            junit.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .contains("FAILED", "echo: numbers", "expected [0,-1,1.5", "0 of 1 cases passed");
    assertThat(Files.readString(junit)).contains("failures=\"1\"", "<failure message=\"/result");
  }

  @Test
  void whatAGuestSaysThatItDoesNotSupportIsNoFailure() throws IOException {
    var module = directory.resolve("unsupported.wasm");
    var text =
        """
        (module
          (import "wasm_broker_v1" "write_output" (func $write (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "{\\"status\\":\\"failed\\",\\"error\\":{\\"type\\":\\"unsupported\\",\\"message\\":\\"\\"}}")
          (func (export "run") (result i32) (call $write (i32.const 0) (i32.const 63))))
        """;
    Files.write(module, TextFormat.load(null).toWasm(text.getBytes(UTF_8)).bytes());
    var run = CommandRun.of("conformance", module.toString(), "--filter", "http");

    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("unsupported http: GET", "0 of 8 cases passed, 8 are not supported");
  }

  @Test
  void aModuleThatTheBrokerRefusesIsAUsageErrorWithTheReason() throws IOException {
    var module = directory.resolve("text.wasm");
    Files.writeString(module, "no module");
    var run = CommandRun.of("conformance", module.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("the broker refuses the module").doesNotContain("Exception");
  }

  @Test
  void aFilterThatNothingMatchesIsAUsageError() {
    var run = CommandRun.of("conformance", RUST.toString(), "--filter", "none of them");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("none of them");
  }
}
