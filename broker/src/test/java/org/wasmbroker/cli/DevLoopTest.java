package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.project.NewProject;
import org.wasmbroker.project.Template;

/** {@code dev} tries a handler after each change, and survives whatever is wrong with it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DevLoopTest {
  private Path project;
  private ProjectTrial trial;
  private StringWriter out;
  private StringWriter err;
  private int edits;

  /** Each time the loop waits, the next thing happens; then it ends. */
  private static final class Script implements DevLoop.Stop {
    private final Queue<Runnable> actions;

    Script(List<Runnable> actions) {
      this.actions = new ArrayDeque<>(actions);
    }

    @Override
    public boolean await(Duration time) {
      var next = actions.poll();
      if (next == null) {
        return true;
      }
      next.run();
      return false;
    }

    @Override
    public boolean isAsked() {
      return false;
    }
  }

  @BeforeAll
  void startEngine() {
    var options = new ConfigOptions();
    options.put("dispatch.slots", "1");
    options.put("log.level", "warn");
    trial = ProjectTrial.start(options.load());
  }

  @AfterAll
  void closeEngine() {
    trial.close();
  }

  @BeforeEach
  void makeProject(@TempDir Path directory) throws IOException {
    project = directory.resolve("hello");
    NewProject.create(Template.of("wat"), "hello", project);
    out = new StringWriter();
    err = new StringWriter();
  }

  @Test
  void triesAtOnceAndAfterAChangeOnly() {
    dev(
        DevLoopTest::nothing,
        DevLoopTest::nothing,
        replacing("manifest.json", "Hello, Ada!", "Hello, Bob!"),
        DevLoopTest::nothing);

    assertThat(out.toString().split("waiting for changes")).hasSize(3);
    assertThat(out.toString())
        .containsSubsequence(
            "3 examples, all as expected",
            "changed: manifest.json",
            "FAILED a greeting",
            "1 of 3 examples failed");
  }

  @Test
  void changesThatFollowOneAnotherAreOne() {
    dev(
        replacing("manifest.json", "Hello, Ada!", "Hello, Bob!"),
        replacing("handler.wat", "Hello, ", "Hallo, "),
        replacing("manifest.json", "Hello, Bob!", "Hallo, Ada!"),
        DevLoopTest::nothing);

    assertThat(out.toString().split("waiting for changes")).hasSize(3);
    assertThat(out.toString())
        .contains("changed: handler.wat, manifest.json", "ok     a greeting", "FAILED a name");
  }

  @Test
  void survivesMistakesAndGoesOnWhenTheyAreMended() {
    dev(
        replacing("handler.wat", "(func $skip", "(fnc $skip"),
        DevLoopTest::nothing,
        replacing("handler.wat", "(fnc $skip", "(func $skip"),
        DevLoopTest::nothing,
        replacing("handler.yaml", "module:", "moduel:"),
        DevLoopTest::nothing,
        replacing("handler.yaml", "moduel:", "module:"),
        DevLoopTest::nothing,
        replacing("manifest.json", "\"abi\": \"1\"", "\"abi\": \"7\""),
        DevLoopTest::nothing,
        replacing("manifest.json", "\"abi\": \"7\"", "\"abi\": \"1\""),
        DevLoopTest::nothing);

    assertThat(err.toString())
        .containsSubsequence("handler.wat is not a module", "moduel", "abi")
        .doesNotContain("internal error");
    assertThat(out.toString().split("3 examples, all as expected")).hasSize(5);
  }

  @Test
  void aBuildThatFailsIsWaitedOut() {
    dev(
        writing("handler.yaml", "{module: handler.wasm, build: [sh, -c, 'echo no; exit 1']}"),
        DevLoopTest::nothing,
        writing("handler.yaml", "{module: handler.wat}"),
        DevLoopTest::nothing);

    assertThat(err.toString()).contains("building: sh", "the build failed");
    assertThat(out.toString().split("3 examples, all as expected")).hasSize(3);
  }

  @Test
  void aProjectThatDisappearsAndComesBackIsTriedAgain() {
    var away = project.resolveSibling("away");
    dev(
        () -> move(project.resolve("manifest.json"), away),
        DevLoopTest::nothing,
        () -> move(away, project.resolve("manifest.json")),
        DevLoopTest::nothing);

    assertThat(err.toString()).contains("has no manifest.json");
    assertThat(out.toString().split("3 examples, all as expected")).hasSize(3);
  }

  @Test
  void runsAStepDocumentInsteadOfTheExamples() throws IOException {
    var input = Files.writeString(project.resolve("input.json"), "{\"context\":{\"who\":\"Eve\"}}");
    new DevLoop(project, input, trial, console(), new Script(List.of(DevLoopTest::nothing))).run();

    assertThat(out.toString())
        .contains("{\"greeting\":\"Hello, Eve!\"}")
        .doesNotContain("examples");
    assertThat(err.toString()).contains("guest INFO: greeted", "memory high-water");
  }

  private static void nothing() {}

  private void dev(Runnable... actions) {
    try {
      new DevLoop(project, noInput(), trial, console(), new Script(List.of(actions))).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Path noInput() {
    return null;
  }

  private Console console() {
    return new Console(new PrintWriter(out), new PrintWriter(err), false, Map.of());
  }

  private Runnable replacing(String file, String old, String replacement) {
    return () -> {
      try {
        var text = Files.readString(project.resolve(file));
        assertThat(text).contains(old);
        write(file, text.replace(old, replacement));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private Runnable writing(String file, String text) {
    return () -> write(file, text);
  }

  /** With a time of its own, since clocks of file systems are coarse. */
  private void write(String file, String text) {
    try {
      var path = Files.writeString(project.resolve(file), text);
      Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(++edits)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
