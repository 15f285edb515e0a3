package org.wasmbroker.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.cli.UsageException;

/**
 * What the demo with Tasker needs in addition to the broker.
 *
 * @param schema the directory of Tasker's migrations
 * @param server Tasker's orchestrator, the program {@code tasker-server}
 * @param examples the directory of the task templates to run
 */
record TaskerParts(Path schema, Path server, Path examples) {

  /**
   * As provided by {@code scripts/fetch-tasker}.
   *
   * @throws UsageException if something is missing
   */
  static TaskerParts of(@Nullable Path parts, @Nullable Path examples) {
    if (parts == null || examples == null) {
      throw new UsageException(
          "demo --tasker needs Tasker's schema and orchestrator: use ./wasm-broker in a checkout of the"
              + " project, which provides them, or pass --tasker-parts and --tasker-examples");
    }
    return new TaskerParts(
        requireExisting(parts.resolve("schema")),
        requireExisting(parts.resolve("tasker-server")),
        requireExisting(examples));
  }

  private static Path requireExisting(Path path) {
    if (!Files.exists(path)) {
      throw new UsageException(path + " does not exist; see scripts/fetch-tasker --help");
    }
    return path;
  }
}
