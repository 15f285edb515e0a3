package org.wasmbroker.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.project.BuildResult.Built;
import org.wasmbroker.project.BuildResult.Failed;
import org.wasmbroker.project.BuildResult.Stopped;
import org.wasmbroker.project.BuildResult.ToolMissing;
import org.wasmbroker.project.BuildResult.UpToDate;

/** A project is built when it has changed, by a process that ends with its children. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProjectBuildTest {
  private static final String COPY = "echo compiling; mkdir -p out; cp source out/module.wasm";

  @TempDir private Path directory;

  private final List<String> output = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void makeSource() throws IOException {
    Files.writeString(directory.resolve("source"), "one");
    Files.setLastModifiedTime(directory.resolve("source"), FileTime.from(Instant.EPOCH));
  }

  @Test
  void aProjectIsBuiltOnceAndAgainWhenAFileChanged() throws IOException {
    assertThat(run(COPY)).isInstanceOf(Built.class);
    assertThat(output).containsExactly("compiling");
    assertThat(directory.resolve("out/module.wasm")).hasContent("one");

    assertThat(run(COPY)).isInstanceOf(UpToDate.class);

    Files.writeString(directory.resolve("source"), "two");
    Files.setLastModifiedTime(
        directory.resolve("source"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(COPY)).isInstanceOf(Built.class);
    assertThat(directory.resolve("out/module.wasm")).hasContent("two");
  }

  @Test
  void aProjectIsBuiltAgainWhenItsModuleIsGone() throws IOException {
    run(COPY);
    Files.delete(directory.resolve("out/module.wasm"));

    assertThat(run(COPY)).isInstanceOf(Built.class);
  }

  @Test
  void whatIsBesideTheModuleOrHiddenIsNoSource() throws IOException {
    run(COPY);
    for (var file : List.of("out/other", ".git/index", ".hidden")) {
      var path = directory.resolve(file);
      Files.createDirectories(path.resolve("..").normalize());
      Files.writeString(path, "new");
      Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(60)));
    }

    assertThat(run(COPY)).isInstanceOf(UpToDate.class);
  }

  @Test
  void aFailedBuildSaysItsCommandAndIsRepeated() throws IOException {
    assertThat(run("echo broken; exit 7"))
        .isEqualTo(
            new Failed("the build failed: 'sh -c echo broken; exit 7' ended with exit code 7"));
    assertThat(output).containsExactly("broken");
    assertThat(run(COPY)).isInstanceOf(Built.class);
  }

  @Test
  void aBuildThatMakesNoModuleHasFailed() throws IOException {
    assertThat(run("true"))
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> assertThat(failed.problem()).contains("made no out/module.wasm"));
  }

  @Test
  void aMissingCommandIsNamedWithHowToInstallIt() throws IOException {
    var module = directory.resolve("out/module.wasm");
    var known =
        new HandlerProject(
            directory,
            module,
            List.of("no-such-compiler", "x"),
            Map.of("no-such-compiler", "buy it"),
            null);
    var unknown = new HandlerProject(directory, module, List.of("./none"), Map.of(), null);

    assertThat(new ProjectBuild(known).run(output::add, () -> false))
        .isEqualTo(new ToolMissing("'no-such-compiler' is missing: buy it"));
    assertThat(new ProjectBuild(unknown).run(output::add, () -> false))
        .isEqualTo(new ToolMissing("'./none' is missing; it must be on the PATH"));
  }

  @Test
  void aBuildThatIsStoppedEndsWithItsChildren() throws IOException {
    var stop = new AtomicBoolean();
    var result =
        build("sleep 1000 & echo $!; wait")
            .run(
                line -> {
                  output.add(line);
                  stop.set(true);
                },
                stop::get);

    assertThat(result).isInstanceOf(Stopped.class);
    var child = ProcessHandle.of(Long.parseLong(output.getFirst()));
    child.ifPresent(running -> running.onExit().orTimeout(1, TimeUnit.MINUTES).join());
  }

  @Test
  void whatABuildPrintsCannotControlTheTerminal() throws IOException {
    run("printf '\\033[2Jgone\\n'; " + COPY);

    assertThat(output).first().asString().isEqualTo(" [2Jgone");
  }

  @Test
  void aProjectWithNothingToBuildIsUpToDate() throws IOException {
    var project =
        new HandlerProject(directory, directory.resolve("module.wasm"), List.of(), Map.of(), null);

    assertThat(new ProjectBuild(project).run(output::add, () -> false))
        .isInstanceOf(UpToDate.class);
  }

  private BuildResult run(String script) throws IOException {
    return build(script).run(output::add, () -> false);
  }

  private ProjectBuild build(String script) {
    return new ProjectBuild(
        new HandlerProject(
            directory,
            directory.resolve("out/module.wasm"),
            List.of("sh", "-c", script),
            Map.of(),
            null));
  }
}
