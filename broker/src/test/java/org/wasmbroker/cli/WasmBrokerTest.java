package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.PrebuiltHandlers;

/** What all commands have in common. */
class WasmBrokerTest {
  private static final String STEP =
      """
      {"config": {"filter": ".context.a + 1"}, "context": {"a": 41}}""";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  static Set<String> commands() {
    return WasmBroker.commandLine().getSubcommands().keySet();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpOnStandardOutput(String command) {
    var run = CommandRun.of(command, "--help");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Usage: wasm-broker " + command, "--help");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasTheBrokersVersion(String command) {
    assertThat(CommandRun.of(command, "--version")).isEqualTo(CommandRun.of("version"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandRejectsAnUnknownOption(String command) {
    var required =
        switch (command) {
          case "invoke" -> new String[] {"transform", "--input=-"};
          case "enqueue" -> new String[] {"-"};
          default -> new String[0];
        };
    var run = CommandRun.of(required, command, "--no-such-option");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--no-such-option", "Usage: wasm-broker " + command);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "enqueue -", "results", "check-config", "doctor"})
  void everyConfiguredCommandRejectsAnUnknownSetting(String command) {
    var run = CommandRun.of(new String[] {"-s", "dispach.slots=2"}, command.split(" "));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("dispach.slots", "dispatch.slots").doesNotContain("Exception");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aCommandIsRequired() {
    var run = CommandRun.of();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("no command given", "Usage: wasm-broker");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void anUnknownCommandIsRejected() {
    var run = CommandRun.of("invok");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("invok");
  }

  @Test
  void theReadmeListsEveryCommand() throws IOException {
    assertThat(readme().lines().filter(line -> line.startsWith("| `")))
        .satisfies(
            rows ->
                assertThat(commands())
                    .allSatisfy(
                        command ->
                            assertThat(rows).anyMatch(row -> row.startsWith("| `" + command))));
  }

  @Test
  void theReadmeListsTheExitCodesOfTheHelp() throws IOException {
    var help = CommandRun.of("--help");

    assertThat(help.exitCode()).isEqualTo(ExitCode.OK);
    for (var meaning :
        Arrays.asList(
            "0 success",
            "1 what was run failed",
            "2 invalid command line or configuration",
            "3 something required is missing or unreachable",
            "70 internal error")) {
      assertThat(help.out().replaceAll("\\s+", " ")).contains(meaning);
      assertThat(readme().replaceAll("\\s+", " ")).contains(meaning);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void invokePrintsTheResultAndTheReceipt(String engine) throws IOException {
    assertThat(run("invoke", "transform", "--input", step(STEP), "--engine", engine)).isZero();
    assertThat(out.toString())
        .isEqualToIgnoringNewLines("{\"status\":\"completed\",\"result\":42}");
    assertThat(err.toString())
        .contains("transform 1.0.0 sha256:", engine, "memory high-water", "read_input 1");
  }

  @Test
  void invokeRunsAFile() throws IOException {
    var file = directory.resolve("echo.wasm");
    Files.write(file, PrebuiltHandlers.module("echo").bytes());
    assertThat(run("invoke", file.toString(), "--input", step(STEP))).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines(STEP);
  }

  @Test
  void aGuestThatIsStoppedIsAFailureThatSaysWhy() throws IOException {
    var endless =
        """
        {"config": {"filter": "last(repeat(1))"}, "context": null}""";
    assertThat(run("invoke", "transform", "-i", step(endless), "--timeout", "50ms"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("limit exceeded", "the limit is 50");
  }

  @Test
  void aFileThatIsNoModuleIsRefusedInWords() throws IOException {
    var file = directory.resolve("text.wasm");
    Files.writeString(file, "hello");
    assertThat(run("invoke", file.toString(), "-i", step(STEP))).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("refused").doesNotContain("Exception");
  }

  @Test
  void anUnknownHandlerIsAMistakeOfUseThatNamesWhatThereIs() throws IOException {
    assertThat(run("invoke", "transfrom", "-i", step(STEP))).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("transfrom", "transform").doesNotContain("Exception");
  }

  @Test
  void aMissingFileIsUnavailable() {
    assertThat(run("invoke", "transform", "-i", directory.resolve("none.json").toString()))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err.toString()).contains("no such file").doesNotContain("Exception");
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("..", "README.md"));
  }

  private int run(String... arguments) {
    var commandLine = WasmBroker.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private String step(String document) throws IOException {
    var file = directory.resolve("step.json");
    Files.write(file, document.getBytes(UTF_8));
    return file.toString();
  }
}
