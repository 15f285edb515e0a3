package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all commands have in common. */
class WasmBrokerTest {
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

  @Test
  void everyCommandIsFoundByItsOwnName() {
    assertThat(commands()).containsExactlyElementsOf(WasmBroker.COMMANDS);
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
          case "new" -> new String[] {"hello"};
          case "inspect", "conformance" -> new String[] {"x.wasm"};
          case "publish" -> new String[] {".", "modules"};
          case "precompile" -> new String[] {"compiled"};
          case "replay" -> new String[] {"recording.jsonl"};
          default -> new String[0];
        };
    var run = CommandRun.of(required, command, "--wrong-option");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--wrong-option", "Usage: wasm-broker " + command);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "invoke transform -i -",
        "enqueue -",
        "results",
        "policy explain transform",
        "check-config",
        "doctor"
      })
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

  private static String readme() throws IOException {
    return Files.readString(Path.of("..", "README.md"));
  }
}
