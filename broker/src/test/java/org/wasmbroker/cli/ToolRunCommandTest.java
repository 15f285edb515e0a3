package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.testing.FileComponents;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.TestCommands;

class ToolRunCommandTest {
  @TempDir private Path directory;

  /** What a run of this JVM did with the streams of the process. */
  private record Ran(int exitCode, String out, String err, CommandRun run) {}

  /** Others must not use the streams meanwhile: tests of one JVM run one after the other. */
  private Ran run(String input, String... arguments) {
    var in = System.in;
    var out = System.out;
    var err = System.err;
    var written = new ByteArrayOutputStream();
    var complained = new ByteArrayOutputStream();
    try (var newOut = new PrintStream(written, true, UTF_8);
        var newErr = new PrintStream(complained, true, UTF_8)) {
      System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
      System.setOut(newOut);
      System.setErr(newErr);
      var all = new ArrayList<>(List.of("tool", "run"));
      all.add("-s");
      all.add("registry.directory=" + directory.resolve("modules"));
      all.add("-s");
      all.add("engine.compile-cache=" + directory.resolve("compiled"));
      all.addAll(List.of(arguments));
      var run = CommandRun.of(all.toArray(String[]::new));
      return new Ran(run.exitCode(), written.toString(UTF_8), complained.toString(UTF_8), run);
    } finally {
      System.setIn(in);
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String file(String name, WasmBinary module) throws IOException {
    return Files.write(directory.resolve(name), module.bytes()).toString();
  }

  @Test
  void theValueOfASecretIsNotWrittenToTheStreamsOfTheProcess() throws IOException {
    var modules = directory.resolve("modules");
    var manifest = "{\"command\":{},\"host_functions\":[\"read_secret\"],\"secrets\":[\"key\"]}";
    TestCommands.add(modules, "teller", TestCommands.secretTeller(), manifest);
    TestCommands.add(modules, "keeper", TestCommands.secretKeeper(), manifest);
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            "{secrets: {key: []}, handlers: [{handler: '*', readable-secrets: [key]}]}");
    var secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("key"), "correct-horse-battery-staple");
    var options =
        List.of("--policy", policy.toString(), "-s", "secrets.directory=" + secrets, "teller");

    var told = run("", options.toArray(String[]::new));

    assertThat(told.exitCode()).isEqualTo(126);
    assertThat(told.out() + told.err() + told.run().out() + told.run().err())
        .contains("secret_in_output")
        .doesNotContain("correct-horse");
    var kept = new ArrayList<>(options);
    kept.set(kept.size() - 1, "keeper");
    assertThat(run("", kept.toArray(String[]::new)).out()).isEqualTo("ok\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void aFileRunsWithTheStreamsOfTheProcessAndItsExitCodeIsHandedOn(String engine)
      throws IOException {
    var ran =
        run(
            "in\n",
            "--engine",
            engine,
            "--env",
            "LANG=C",
            file("probe.wasm", TestCommands.probe()),
            "--",
            "-n",
            "ä b");

    assertThat(ran.exitCode()).as(ran.run().err()).isEqualTo(7);
    assertThat(ran.out()).isEqualTo("probe\0-n\0ä b\0PWD=/\0LANG=C\0in\n");
    assertThat(ran.err()).isEqualTo("oh\n");
  }

  @Test
  void aBundledToolRunsWithoutFiles() throws IOException {
    var ran = run("hi\n", "wc", "--", "-c");

    assertThat(ran.run().err()).isEmpty();
    assertThat(ran.out()).isEqualTo("3\n");
    assertThat(ran.exitCode()).isZero();
  }

  @Test
  void aHandlerRunsWithTheDirectoriesThatAreNamed() throws IOException {
    TestCommands.add(directory.resolve("modules"), "write", TestCommands.writeFile());
    var data = Files.createDirectories(directory.resolve("data"));

    var ran = run("", "write", "--dir", data + "::/d", "--write-back", "--receipt", "--", "made");

    assertThat(ran.exitCode()).as(ran.run().err()).isZero();
    assertThat(data.resolve("made")).hasContent("new");
    assertThat(ran.run().err()).contains("files", "created 1");
  }

  @Test
  void aComponentChangesTheDirectoriesThatAreNamed() throws IOException {
    var data = Files.createDirectories(directory.resolve("data"));
    var component = file("component.wasm", FileComponents.writing("made", "by a component"));

    var ran = run("", component, "--dir", data + "::/d", "--write-back", "--receipt");

    assertThat(ran.exitCode()).as(ran.run().err()).isZero();
    assertThat(data.resolve("made")).hasContent("by a component");
    assertThat(ran.run().err()).contains("files", "created 1");
  }

  @Test
  void changesAreWrittenBackAndNoLinkIsFollowed() throws IOException {
    TestCommands.add(directory.resolve("modules"), "write", TestCommands.writeFile());
    var outside = Files.writeString(directory.resolve("outside"), "secret");
    var data = Files.createDirectories(directory.resolve("data"));
    Files.createSymbolicLink(data.resolve("link"), outside);

    var ran = run("", "write", "--dir", data.toString(), "--write-back", "--", "link");

    assertThat(ran.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(ran.run().err()).contains("is a link");
    assertThat(outside).hasContent("secret");
    assertThat(run("", "write", "--dir", data.toString(), "--", "kept").exitCode()).isZero();
    assertThat(data.resolve("kept")).as("without --write-back").doesNotExist();
  }

  @Test
  void whatDoesNotEndByItselfHasTheCodesOfShells() throws IOException {
    var endless = file("endless.wasm", TestCommands.endless());

    assertThat(run("", "--timeout", "50ms", endless).exitCode()).isEqualTo(124);
    assertThat(run("", file("hog.wasm", TestCommands.hog())).exitCode()).isEqualTo(137);
    assertThat(run("", "no-such-handler").exitCode()).isEqualTo(127);
    assertThat(run("", file("refused.wasm", HostileGuests.module("unknown-import"))).exitCode())
        .isEqualTo(126);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "transform ~ is no command",
        "x --env ~ Missing required parameter",
        "x --env 1=2 ~ --env must be NAME",
        "x --env NO_SUCH_VARIABLE_HERE ~ has no such variable",
        "x --dir a::b ~ --dir must be DIR",
        "x --dir a --dir b ~ --dir has / twice",
        "x --write-back ~ needs --dir",
        "x --dir . --files many ~ --files must be a size",
      })
  void whatCannotBeIsSaid(String arguments, String message) {
    var ran = run("", arguments.split(" "));

    assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.run().err()).contains(message);
  }

  @Test
  void aReactorIsNoCommand() throws IOException {
    var ran = run("", file("loop.wasm", HostileGuests.module("endless-loop")));

    assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.run().err()).contains("no _start");
  }

  @Test
  void aManifestThatCallsAReactorACommandIsRefused() {
    TestCommands.add(directory.resolve("modules"), "wrong", HostileGuests.module("endless-loop"));

    var ran = run("", "wrong");

    assertThat(ran.exitCode()).isEqualTo(126);
    assertThat(ran.run().err()).contains("exports no _start");
  }
}
