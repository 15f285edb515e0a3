package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.project.BuildResult;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectBuild;
import org.wasmbroker.project.ProjectException;
import org.wasmbroker.project.ProjectFiles;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.PackageFiles;
import org.wasmbroker.publish.PackageReader;

/** The files of a handler that a person names on the command line. */
final class HandlerFiles {
  private HandlerFiles() {}

  /** Of an archive or a module as they are; a project's directory is built first. */
  static PackageFiles read(String text, BrokerConfig config, Console console) throws IOException {
    var path = ProcessText.path(text);
    return Files.isDirectory(path)
        ? project(path, config, console)
        : PackageReader.read(path, ArchiveLimits.of(config.engine().moduleBytes()));
  }

  private static PackageFiles project(Path directory, BrokerConfig config, Console console)
      throws IOException {
    var project = HandlerProject.open(directory);
    var build = new ProjectBuild(project);
    if (build.isStale()) {
      console.error(console.dim("building: " + build.command()));
    }
    switch (build.run(line -> console.error(console.dim(line)), () -> false)) {
      case BuildResult.UpToDate _, BuildResult.Built _ -> {}
      case BuildResult.Failed(var problem) -> throw new ProjectException(problem);
      case BuildResult.ToolMissing(var problem) -> throw new ProjectException(problem);
      case BuildResult.Stopped _ -> throw new ProjectException("the build was stopped");
    }
    var files =
        ProjectFiles.read(project, config.engine().moduleBytes(), config.engine().library());
    var signature = directory.resolve(PackageFiles.SIGNATURE);
    return new PackageFiles(
        files.manifest(),
        files.wasm(),
        Files.exists(signature)
            ? Optional.of(PackageReader.readSignature(signature))
            : Optional.empty(),
        List.of());
  }
}
