package org.wasmbroker.cli;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.wasmbroker.project.BuildResult;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectBuild;

/** Builds projects, and shows it on standard error. */
final class ProjectBuilder {
  private final Console console;

  ProjectBuilder(Console console) {
    this.console = console;
  }

  /** Builds a project if it has changed, and says what became of it. */
  BuildResult build(HandlerProject project, BooleanSupplier stopped) throws IOException {
    var build = new ProjectBuild(project);
    if (build.isStale()) {
      console.error("building: " + build.command());
    }
    var result = build.run(line -> console.error(console.dim("  " + line)), stopped);
    switch (result) {
      case BuildResult.Built built ->
          console.error("built in " + HumanFormat.duration(built.took()));
      case BuildResult.Failed(var problem) -> console.error(console.failure(problem));
      case BuildResult.ToolMissing(var problem) -> console.error(console.failure(problem));
      case BuildResult.Stopped _ -> console.error("the build was stopped");
      case BuildResult.UpToDate _ -> {}
    }
    return result;
  }

  /** The exit code of a command that cannot go on after the build; 0 if it can. */
  static int exitCode(BuildResult result) {
    return switch (result) {
      case BuildResult.Built _, BuildResult.UpToDate _ -> ExitCode.OK;
      case BuildResult.Failed _, BuildResult.Stopped _ -> ExitCode.FAILED;
      case BuildResult.ToolMissing _ -> ExitCode.UNAVAILABLE;
    };
  }
}
