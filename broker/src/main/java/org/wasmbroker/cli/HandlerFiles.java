package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectFiles;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.PackageFiles;
import org.wasmbroker.publish.PackageReader;
import org.wasmbroker.publish.PackageRefusedException;

/** The files of a handler that a person names on the command line. */
final class HandlerFiles {
  private HandlerFiles() {}

  /** Of an archive or a module as they are; a project's directory is built first. */
  static PackageFiles read(String text, BrokerConfig config, Console console) throws IOException {
    var path = ProcessText.path(text);
    return Files.isDirectory(path)
        ? built(HandlerProject.open(path), config, console)
        : PackageReader.read(path, ArchiveLimits.of(config.engine().moduleBytes()));
  }

  private static PackageFiles built(HandlerProject project, BrokerConfig config, Console console)
      throws IOException {
    var built = new ProjectBuilder(console).build(project, () -> false);
    if (ProjectBuilder.exitCode(built) != ExitCode.OK) {
      throw new PackageRefusedException(project.directory() + " was not built, and is not used");
    }
    return asBuilt(project, config);
  }

  /** Of a directory as they are: a project's are those of its last build. */
  static PackageFiles asBuilt(Path directory, BrokerConfig config) throws IOException {
    return asBuilt(HandlerProject.open(directory), config);
  }

  private static PackageFiles asBuilt(HandlerProject project, BrokerConfig config)
      throws IOException {
    if (!project.isText()) {
      requireModuleSize(project.module(), config.engine().moduleBytes());
    }
    var files =
        ProjectFiles.read(project, config.engine().moduleBytes(), config.engine().library());
    var signature = project.directory().resolve(PackageFiles.SIGNATURE);
    return new PackageFiles(
        files.manifest(),
        files.wasm(),
        Files.exists(signature)
            ? Optional.of(PackageReader.readSignature(signature))
            : Optional.empty(),
        List.of());
  }

  /** Refused like one in an archive or of a file, with the same exit code. */
  private static void requireModuleSize(Path module, int maxBytes) throws IOException {
    if (Files.isRegularFile(module) && Files.size(module) > maxBytes) {
      throw new PackageRefusedException(
          "%s has more than %d bytes, the maximum%s"
              .formatted(module, maxBytes, ArchiveLimits.OF_MODULES));
    }
  }
}
