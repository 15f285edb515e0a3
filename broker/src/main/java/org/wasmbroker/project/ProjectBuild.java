package org.wasmbroker.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.wasmbroker.step.SafeText;

/**
 * Runs the build of a project, as a process in its directory. A file beside the module, as old as
 * the beginning of the last successful build, says whether the project has changed since.
 */
public final class ProjectBuild {
  private static final int MAX_ARGUMENT_CHARS = 200;

  private final HandlerProject project;
  private final Map<String, String> environment;

  /**
   * @param environment of the build, which is added to that of this process
   */
  public ProjectBuild(HandlerProject project, Map<String, String> environment) {
    this.project = project;
    this.environment = Map.copyOf(environment);
  }

  public ProjectBuild(HandlerProject project) {
    this(project, Map.of());
  }

  /** Whether {@link #run} would build. */
  public boolean isStale() throws IOException {
    if (project.build().isEmpty()) {
      return false;
    }
    return !Files.exists(stamp())
        || !Files.exists(project.module())
        || !SourceFiles.of(project).isOlderThan(Files.getLastModifiedTime(stamp()));
  }

  /** The command for people, on one line. */
  public String command() {
    return SafeText.sanitize(String.join(" ", project.build()), MAX_ARGUMENT_CHARS);
  }

  /**
   * Builds if a file is newer than the last build.
   *
   * @param output gets what the build prints, line by line, free of control characters
   * @param stopped asked now and then; the build and its children end when it says so
   */
  public BuildResult run(Consumer<String> output, BooleanSupplier stopped) throws IOException {
    if (!isStale()) {
      return new BuildResult.UpToDate();
    }
    var tool = tool();
    if (!Tools.isInstalled(tool, project.directory())) {
      return new BuildResult.ToolMissing(Tools.missing(tool, project.tools()));
    }
    var begin = FileTime.from(Instant.now());
    long start = System.nanoTime();
    var exit = BuildProcess.run(project, environment, output, stopped);
    if (exit.isEmpty()) {
      return new BuildResult.Stopped();
    }
    if (exit.orElseThrow() != 0) {
      return new BuildResult.Failed(
          "the build failed: '%s' ended with exit code %d"
              .formatted(command(), exit.orElseThrow()));
    }
    if (!Files.isRegularFile(project.module())) {
      return new BuildResult.Failed(
          "the build made no %s; handler.yaml says that '%s' does"
              .formatted(project.relative(project.module()), command()));
    }
    mark(begin);
    return new BuildResult.Built(Duration.ofNanos(System.nanoTime() - start));
  }

  /** The program that builds; {@code env} only sets variables for it. */
  private String tool() {
    var command = project.build();
    return command.getFirst().equals("env")
        ? command.stream().skip(1).filter(each -> !each.contains("=")).findFirst().orElse("env")
        : command.getFirst();
  }

  private Path stamp() {
    return project.module().resolveSibling("." + project.module().getFileName() + ".built");
  }

  private void mark(FileTime begin) {
    try {
      if (!Files.exists(stamp())) {
        Files.createFile(stamp());
      }
      Files.setLastModifiedTime(stamp(), begin);
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
  }
}
