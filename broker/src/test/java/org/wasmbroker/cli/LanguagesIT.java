package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.Tutorial;

/**
 * The SDKs of all languages: their guests pass the conformance kit, and their templates lead from
 * nothing to a release. It needs their compilers: {@code make languages-check}.
 */
class LanguagesIT {
  private static final Path BUILT = Path.of("..", "handlers-wasm", "languages", "target");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"c", "c-zig", "go", "go-reactor", "assemblyscript", "zig", "java", "python"})
  void theGuestOfEachSdkPassesAllCases(String module) {
    var run = CommandRun.of("conformance", BUILT.resolve(module + ".wasm").toString());

    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("41 of 41 cases passed").doesNotContain("not supported");
  }

  /** A handler that is a component cannot write checkpoints. */
  @ParameterizedTest
  @CsvSource({
    "component-rust, 64MiB, '39 of 41 cases passed, 2 are not supported'",
    "component-js, 128MiB, '39 of 41 cases passed, 2 are not supported'",
    "component-python, 64MiB, '38 of 41 cases passed, 3 are not supported'"
  })
  void theComponentOfEachToolchainPassesAllCasesOfComponents(
      String module, String memory, String summary) {
    var built = BUILT.resolve(module + ".wasm");
    // Its target comes from rustup, and not from a registry of packages.
    assumeTrue(
        Files.exists(built) || !module.equals("component-rust"),
        "rustup could not fetch the target wasm32-wasip2");

    var run = CommandRun.of("conformance", built.toString(), "-s", "limits.memory=" + memory);

    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains(summary)
        .containsSubsequence(
            "unsupported checkpoint: three items, one in each run",
            "a component's `run` returns a result or a failure, and no checkpoint");
  }

  @ParameterizedTest
  @CsvSource({
    "c, make check, 1 test passed",
    "go, go test ./..., ok",
    "assemblyscript, npm test, 1 test passed",
    "zig, zig test handler.zig 2>&1, All 1 tests passed",
    "java, mvn -B test, 'Tests run: 2, Failures: 0'"
  })
  void threeCommandsLeadFromNothingToARelease(String language, String unitTest, String passed)
      throws IOException {
    var ended =
        run(
            "wasm-broker new hello --lang " + language,
            "wasm-broker test hello",
            "wasm-broker publish hello modules",
            "wasm-broker invoke hello -s registry.directory=modules --input hello/input.json",
            "cd hello",
            unitTest);

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output())
        .containsSubsequence(
            "made hello",
            "building: ",
            "3 examples, all as expected",
            "modules/hello/1.0.0",
            "{\"status\":\"completed\",\"result\":"
                + "{\"net_cents\":500,\"tax_cents\":95,\"total_cents\":595}}",
            passed)
        .doesNotContain("warning:");
  }

  /** Nothing is built: the interpreter is the broker's. */
  @Test
  void aHandlerInPythonNeedsNothingButTheBroker() throws IOException {
    var ended =
        run(
            "wasm-broker new hello --lang python",
            "wasm-broker test hello",
            "wasm-broker publish hello modules",
            "cd hello",
            "python3 -m unittest 2>&1");

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output())
        .containsSubsequence(
            "made hello", "3 examples, all as expected", "modules/hello/1.0.0", "Ran 2 tests", "OK")
        .doesNotContain("building: ");
  }

  /** Without zig on the PATH, the Makefile takes clang. */
  @Test
  void aHandlerInCIsBuiltByClangAsWell() throws IOException {
    var ended =
        run(
            "wasm-broker new hello --lang c",
            "cd hello",
            "make WASM_CC=clang-16 build/handler.wasm",
            "wasm-broker test");

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("clang-16 --target=wasm32-wasi", "3 examples, all as expected");
  }

  private Tutorial.Ended run(String... commands) throws IOException {
    var tools = BUILT.resolve("tools").toRealPath();
    assertThat(Files.isExecutable(tools.resolve("zig"))).isTrue();
    return new Tutorial(directory, Map.of("PATH", tools + ":" + System.getenv("PATH")))
        .run(List.of(commands));
  }
}
