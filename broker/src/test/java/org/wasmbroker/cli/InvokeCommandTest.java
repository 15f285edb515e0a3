package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.ExpensiveModules;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code invoke} runs a step, reads its result, and fails, as a step from a queue does. */
class InvokeCommandTest {
  private static final String STEP =
      """
      {"config": {"filter": ".context.a + 1"}, "context": {"a": 41}}\
      """;
  private static final String RESULT = "{\"status\":\"completed\",\"result\":42}";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void printsTheResultAndTheReceipt(String engine) throws IOException {
    var run = CommandRun.of("invoke", "transform", "--input", step(STEP), "--engine", engine);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).isEqualToIgnoringNewLines(RESULT);
    assertThat(run.err())
        .contains("transform 1.0.0 sha256:", engine, "memory high-water", "read_input 1");
  }

  @Test
  void repeatsAStepAndPrintsTheLastRun() throws IOException {
    var run = CommandRun.of("invoke", "transform", "--input", step(STEP), "--repeat", "3");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).isEqualToIgnoringNewLines(RESULT);
  }

  @Test
  void repeatingLessThanOnceIsAUsageError() throws IOException {
    var run = CommandRun.of("invoke", "transform", "--input", step(STEP), "--repeat", "0");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--repeat");
  }

  @Test
  void runsAFile() throws IOException {
    var run = CommandRun.of("invoke", file("transform").toString(), "--input", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).isEqualToIgnoringNewLines(RESULT);
    assertThat(run.err()).contains("transform.wasm (no version) sha256:");
  }

  @Test
  void aModuleThatThePolicyDoesNotTrustIsNotRunHereEither() throws IOException {
    var modules = Files.createDirectory(directory.resolve("modules"));
    TestModules.addFixed(modules, "hello", "{\"status\":\"completed\",\"result\":1}");
    var policy = Files.writeString(directory.resolve("policy.yaml"), "approval: required");
    var settings = new String[] {"-s", "registry.directory=" + modules};

    var free = CommandRun.of("invoke", "hello", "-i", step(STEP), settings[0], settings[1]);
    assertThat(free.exitCode()).isEqualTo(ExitCode.OK);
    var run =
        CommandRun.of(
            "invoke",
            "hello",
            "-i",
            step(STEP),
            settings[0],
            settings[1],
            "-s",
            "policy.file=" + policy);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out() + run.err())
        .contains("awaiting_approval", "wasm-broker registry approve hello@1.0.0");
  }

  @Test
  void aHandlersErrorIsTheErrorOfTheStep() throws IOException {
    var failing =
        """
        {"config": {"filter": "error(\\"broken\\")"}, "context": null}\
        """;
    var run = CommandRun.of("invoke", "transform", "-i", step(failing));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(printed(run).get("status").stringValue()).isEqualTo("failed");
    assertThat(printed(run).at("/error/message").stringValue()).contains("broken");
    assertThat(printed(run).at("/error/retryable").booleanValue()).isFalse();
    assertThat(run.err()).contains("broken", "transform 1.0.0 sha256:");
  }

  @Test
  void outputThatIsNotAResultDocumentFailsTheStep() throws IOException {
    var run = CommandRun.of("invoke", file("echo").toString(), "--input", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(printed(run).at("/error/error_type").stringValue()).isEqualTo("bad_result_document");
    assertThat(printed(run).at("/error/message").stringValue()).contains("/config");
  }

  @Test
  void aGuestThatIsStoppedFailsTheStep() throws IOException {
    var endless =
        """
        {"config": {"filter": "last(repeat(1))"}, "context": null}\
        """;
    var run = CommandRun.of("invoke", "transform", "-i", step(endless), "--timeout", "50ms");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(printed(run).at("/error/error_type").stringValue()).isEqualTo("limit_exceeded");
    assertThat(printed(run).at("/metadata/error_code").stringValue()).isEqualTo("time");
    assertThat(printed(run).at("/error/context/allowed").intValue()).isEqualTo(50);
    assertThat(run.err()).contains("limit_exceeded", "the limit is 50");
  }

  @Test
  void aFileThatIsNotAModuleIsRefused() throws IOException {
    var file = Files.writeString(directory.resolve("text.wasm"), "hello");
    var run = CommandRun.of("invoke", file.toString(), "-i", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(printed(run).at("/error/error_type").stringValue()).isEqualTo("module_refused");
    assertThat(run.err()).contains("module_refused").doesNotContain("Exception");
  }

  @Test
  void aFileThatTakesTooLongToCompileIsRefusedWithTheSetting() throws IOException {
    var file =
        Files.write(
            directory.resolve("endless.wasm"), ExpensiveModules.nestedLoops(100_000).bytes());
    var run =
        CommandRun.of(
            "invoke", file.toString(), "-i", step(STEP), "-s", "engine.compile-time=200ms");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(printed(run).at("/error/error_type").stringValue()).isEqualTo("module_refused");
    assertThat(run.err()).contains("raise engine.compile-time").doesNotContain("Exception");
  }

  @Test
  void anUnknownHandlerIsAUsageErrorThatNamesTheAvailableOnes() throws IOException {
    var run = CommandRun.of("invoke", "transfrom", "-i", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("transfrom", "transform").doesNotContain("Exception");
  }

  @Test
  void aMissingInputIsUnavailable() {
    var run = CommandRun.of("invoke", "transform", "-i", directory.resolve("none").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("no such file").doesNotContain("Exception");
  }

  @Test
  void aMissingModuleFileIsUnavailable() throws IOException {
    var missing = directory.resolve("none.wasm").toString();
    var run = CommandRun.of("invoke", missing, "-i", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("no such file", missing);
  }

  @Test
  void anInvalidHandlerNameIsAUsageError() throws IOException {
    var run = CommandRun.of("invoke", "No Name", "-i", step(STEP));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("No Name").doesNotContain("Exception");
  }

  @Test
  void theInputIsRequired() {
    var run = CommandRun.of("invoke", "transform");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("--input=FILE");
  }

  @Test
  void invalidLimitsAreReportedTogether() throws IOException {
    var run =
        CommandRun.of(
            "invoke", "transform", "-i", step(STEP), "--memory", "much", "--timeout", "long");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("limits.memory", "much", "limits.time", "long");
  }

  @Test
  void aMissingPolicyFileIsAnInvalidConfiguration() throws IOException {
    var run = CommandRun.of("invoke", "transform", "-i", step(STEP), "--policy", "none.yaml");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("none.yaml").doesNotContain("Exception");
  }

  @Test
  void anEngineThatCannotBeLoadedIsUnavailable() throws IOException {
    var run =
        CommandRun.of(
            "invoke", "transform", "-i", step(STEP), "-s", "engine.library=/nowhere/lib.so");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("/nowhere/lib.so");
  }

  private static JsonNode printed(CommandRun run) {
    return JsonMapper.shared().readTree(run.out());
  }

  private Path file(String handler) throws IOException {
    return Files.write(
        directory.resolve(handler + ".wasm"), PrebuiltHandlers.module(handler).bytes());
  }

  private String step(String document) throws IOException {
    return Files.write(directory.resolve("step.json"), document.getBytes(UTF_8)).toString();
  }
}
