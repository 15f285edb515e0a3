package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class RolloutCommandTest {
  private static final String FILE =
      """
      # what runs where
      channels:
        blue: {transform: 1.2.0}
        green: {transform: 2.0.0-rc.1}   # since Monday
      default-channel: blue
      handlers:
        transform:
          candidate: 1.3.0
          weight: 10%   # careful
          rollback: {window: 1m}
      """;

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(directory.resolve("rollout.yaml"), FILE);
  }

  @Test
  void everySubcommandHasHelp() {
    for (var name : List.of("show", "status", "set", "promote", "switch", "reset")) {
      var run = CommandRun.of("rollout", name, "--help");
      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).contains("Usage: wasm-broker rollout " + name, "--json");
    }
    assertThat(CommandRun.of("rollout").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void setChangesTheFileAndKeepsItsComments() throws IOException {
    var run = run("set", "transform", "--weight", "25.5", "--candidate", "1.3.1");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("transform stable 1.2.0, candidate 1.3.1 for 25.5%");
    assertThat(file).content().isEqualTo(FILE.replace("10%", "25.5%").replace("1.3.0", "1.3.1"));
  }

  @Test
  void setAddsAHandlerAndAStableVersionGoesIntoTheDefaultChannel() throws IOException {
    assertThat(run("set", "new_one", "--stable", "1.0.0").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run("set", "transform", "--stable", "1.2.9").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(file)
        .content()
        .isEqualTo(FILE.replace("1.2.0", "1.2.9") + "  new_one:\n    stable: 1.0.0\n");
  }

  @Test
  void whatWouldBeWrongIsNotWritten() throws IOException {
    var run = run("set", "transform", "--candidate", "1.2.0");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("is not changed, because it would be wrong", "is the stable version, 1.2.0");
    assertThat(run("set", "other", "--candidate", "1.0.0").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("set", "transform", "--weight", "110").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("set", "transform").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("switch", "red").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(file).content().isEqualTo(FILE);
    assertThat(directory).isDirectoryNotContaining("glob:**.next");
  }

  @Test
  void promoteMakesTheCandidateStableForAllSteps() throws IOException {
    var run = run("promote", "transform", "--json");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    var json = JsonMapper.shared().readTree(run.out());
    assertThat(json.at("/stable").stringValue()).isEqualTo("1.3.0");
    assertThat(json.at("/candidate").isNull()).isTrue();
    assertThat(file)
        .content()
        .isEqualTo(
            FILE.replace("1.2.0", "1.3.0")
                .replace("    candidate: 1.3.0\n", "")
                .replace("    weight: 10%   # careful\n", ""));

    assertThat(run("promote", "transform").exitCode()).isEqualTo(ExitCode.FAILED);
    var unknown = run("promote", "transfrom");
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(unknown.err()).contains("did you mean 'transform'?");
  }

  @Test
  void switchPutsAnotherChannelIntoService() throws IOException {
    assertThat(run("switch", "green").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(file)
        .content()
        .isEqualTo(FILE.replace("default-channel: blue", "default-channel: green"));
  }

  @Test
  void aRolloutFileIsRequired() {
    var run = CommandRun.of("rollout", "set", "h", "--stable", "1.0.0");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("there is no rollout file; set rollout.file");
  }

  private CommandRun run(String... arguments) {
    var all = new ArrayList<>(List.of("rollout"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--set", "rollout.file=" + file));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
