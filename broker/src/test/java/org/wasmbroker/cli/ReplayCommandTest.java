package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.json.JsonMapper;

/** {@code invoke --record} and {@code replay}: what authors see, and the exit codes. */
class ReplayCommandTest {
  private static final String FAILING =
      """
      {"config": {"filter": "error(\\"broken\\")"}, "context": null}\
      """;

  @TempDir private Path directory;
  private Path recording = Path.of("");

  @BeforeEach
  void names() {
    recording = directory.resolve("run.jsonl");
  }

  private CommandRun record(String module, String input, String... more) throws IOException {
    var file = Files.writeString(directory.resolve("input.json"), input);
    return CommandRun.of(
        more, "invoke", module, "-i", file.toString(), "--record", recording.toString());
  }

  private CommandRun replay(String... more) {
    return CommandRun.of(more, "replay", recording.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void aRecordedRunEndsTheSameOnTheEngineThatRecordedIt(String engine) throws IOException {
    var run = record("transform", FAILING, "--engine", engine);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("recorded in " + recording, "wasm-broker replay");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(recording)))
        .isEqualTo("rw-------");

    var replayed = replay();

    assertThat(replayed.exitCode()).as(replayed.out() + replayed.err()).isEqualTo(ExitCode.OK);
    assertThat(replayed.out())
        .contains("of transform@1.0.0, recorded at 20", "same outcome: failed, ", "broken");
    assertThat(replayed.err()).isEmpty();
  }

  @Test
  void aCompletedRunIsReplayedToo() throws IOException {
    assertThat(record("transform", "{\"config\":{\"filter\":\"now\"},\"context\":1}").exitCode())
        .isEqualTo(ExitCode.OK);
    var replayed = replay("--trace-calls");

    assertThat(replayed.exitCode()).as(replayed.out()).isEqualTo(ExitCode.OK);
    assertThat(replayed.out()).contains("same outcome: completed");
    assertThat(replayed.err()).contains("1 a run begins", "clock wall: ");
  }

  @Test
  void theResultIsJsonForPrograms() throws IOException {
    var _ = record("transform", FAILING);
    var json = JsonMapper.shared().readTree(replay("--json").out());

    assertThat(json.at("/same").booleanValue()).isTrue();
    assertThat(json.at("/handler").stringValue()).isEqualTo("transform");
    assertThat(json.at("/outcome/status").stringValue()).isEqualTo("failed");
    assertThat(json.at("/outcome/error/message").stringValue()).contains("broken");
    assertThat(json.at("/differences").isEmpty() && json.at("/departures").isEmpty()).isTrue();
  }

  @Test
  void theJsonHasNoCharactersThatATerminalObeys() throws IOException {
    var _ = record("transform", "{\"config\":{\"filter\":\".\"},\"context\":\"\u009b31m\u202e\"}");
    var out = replay("--json").out();

    assertThat(out).contains("\\u009b31m\\u202e").doesNotContain("\u009b", "\u202e");
  }

  @Test
  void aFileThatWasRunIsNamedAsTheModule() throws IOException {
    var module = write("echo.wasm", Guests.guest("echo").bytes());
    var _ = record(module.toString(), "{\"no\":\"result\"}");

    assertThat(replay().exitCode()).isEqualTo(2);
    assertThat(replay().err()).contains("cannot replay", "is not on this machine", "--module FILE");
    assertThat(replay("--module", module.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void anotherModuleIsRefusedUnlessItIsWanted() throws IOException {
    var broken =
        write("broken.wasm", fixed("{'status':'failed','error':{'type':'bug','message':'m'}}"));
    var mended = write("mended.wasm", fixed("{'status':'completed','result':'mended'}"));
    var _ = record(broken.toString(), "{}");

    var refused = replay("--module", mended.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("is another module than the recorded one", "--any-module");

    var other = replay("--module", mended.toString(), "--any-module");
    assertThat(other.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(other.out())
        .contains(
            "module: another one, sha256:",
            "differs outcome",
            "recorded: failed",
            "replayed: completed",
            "replayed: \"mended\"",
            "another outcome: completed");
  }

  private byte[] fixed(String document) throws IOException {
    TestModules.addFixed(directory, "fixed", document.replace('\'', '"'));
    return Files.readAllBytes(directory.resolve("fixed/1.0.0/module.wasm"));
  }

  @Test
  void aModuleOfADirectoryIsFoundByItsDigestWhateverItsVersion() throws IOException {
    var modules = Files.createDirectory(directory.resolve("modules"));
    TestModules.addFixed(modules, "mine", "{\"status\":\"completed\",\"result\":1}");
    var _ = record("mine", "{}", "-s", "registry.directory=" + modules);
    Files.move(modules.resolve("mine/1.0.0"), modules.resolve("mine/0.9.0"));

    assertThat(replay("--directory", modules.toString()).exitCode()).isEqualTo(ExitCode.OK);
    assertThat(replay("-s", "registry.directory=" + modules).exitCode()).isEqualTo(ExitCode.OK);
    assertThat(replay().exitCode()).isEqualTo(2);
  }

  @Test
  void limitsOfTheRecordingHoldWhateverIsConfigured() throws IOException {
    var run =
        record(
            "transform",
            "{\"config\":{\"filter\":\"[range(infinite)]\"},\"context\":1}",
            "--memory",
            "16MiB");
    assertThat(run.out()).contains("limit_exceeded", "memory, the limit is 16777216");

    var replayed = replay("-s", "limits.memory=2MiB");

    assertThat(replayed.exitCode()).as(replayed.out() + replayed.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void fuelRunsOutAtTheSameInstruction() throws IOException {
    var loop = write("loop.wasm", Guests.guest("loop").bytes());
    var run = record(loop.toString(), "{}", "-s", "engine.fuel=true", "-s", "limits.fuel=100000");
    assertThat(run.out()).contains("fuel");

    assertThat(replay("--module", loop.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void aTimeLimitInTheGuestsOwnCodeIsToldToBeOfThisMachine() throws IOException {
    var loop = write("loop.wasm", Guests.guest("loop").bytes());
    var _ = record(loop.toString(), "{}", "--timeout", "60ms");

    var replayed = replay("--module", loop.toString(), "--time-limit", "90ms");

    assertThat(replayed.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(replayed.out()).contains("differs error", "the limit is 60", "the limit is 90");
  }

  @Test
  void whatCannotBeReplayedIsToldWithTheReason() throws IOException {
    assertThat(replay().err()).contains("cannot replay: no such file");
    Files.writeString(recording, "{}");
    assertThat(replay().err()).contains("line 1: this is no recording of a step");
    var _ = record("transform", FAILING);
    var lines = Files.readAllLines(recording);
    Files.write(recording, lines.subList(0, lines.size() - 1));
    assertThat(replay().err()).contains("ends before its last line");
    var _ = record("transform", "\"" + "x".repeat(5000) + "\"", "-s", "record.largest=4KiB");
    assertThat(replay().err())
        .contains("its recording is not complete: it exceeded record.largest, which is 4096 bytes");
    assertThat(List.of(replay().exitCode(), replay("--engine", "v9").exitCode())).containsOnly(2);
  }

  @Test
  void optionsThatMakeNoSenseAreUsageErrors() throws IOException {
    var _ = record("transform", FAILING);

    assertThat(replay("--any-module").err()).contains("--any-module needs --module FILE");
    assertThat(replay("--time-limit", "soon").err()).contains("--time-limit must be a duration");
    assertThat(replay("--engine", "v9").err()).contains("there is no engine 'v9'");
    assertThat(CommandRun.of("replay").exitCode()).isEqualTo(2);
  }

  @Test
  void whatARecordingSaysDoesNotReachTheTerminalUnchecked() throws IOException {
    var _ = record("transform", FAILING);
    var text = Files.readString(recording, UTF_8);
    Files.writeString(
        recording,
        text.replaceFirst("\"recorded_at\":\"[^\"]*\"", "\"recorded_at\":\"\\\\u001b[2Jnever\""));

    var replayed = replay();

    assertThat(replayed.out()).contains("recorded at  [2Jnever by").doesNotContain("\u001b");
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  /** So that the tests above run what the jar has. */
  @Test
  void theBundledHandlersAreFoundWithoutConfiguration() throws IOException {
    assertThat(PrebuiltHandlers.module("transform").bytes()).isNotEmpty();
    var _ = record("transform", FAILING);
    assertThat(replay().exitCode()).isEqualTo(ExitCode.OK);
  }
}
