package org.wasmbroker.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo with Tasker needs beside the broker.
 *
 * @param schema the directory of Tasker's migrations
 * @param server Tasker's orchestrator, the program {@code tasker-server}
 * @param examples the directory of task templates to run
 */
record TaskerParts(Path schema, Path server, Path examples) {
  private static final String PARTS = "WASM_BROKER_TASKER_PARTS";
  private static final String EXAMPLES = "WASM_BROKER_TASKER_EXAMPLES";

  /**
   * As the launcher {@code ./wasm-broker} has brought them.
   *
   * @throws UsageException when it has not
   */
  static TaskerParts of(Map<String, String> environment) {
    var parts = directory(environment, PARTS);
    var examples = directory(environment, EXAMPLES);
    if (parts == null || examples == null) {
      throw new UsageException(
          "demo --tasker is for a checkout of the project: ./wasm-broker brings Tasker's schema and"
              + " orchestrator, and sets "
              + PARTS
              + " and "
              + EXAMPLES);
    }
    return new TaskerParts(
        existing(parts.resolve("schema")), existing(parts.resolve("tasker-server")), examples);
  }

  private static @Nullable Path directory(Map<String, String> environment, String variable) {
    var value = environment.get(variable);
    return value == null || value.isBlank() ? null : existing(Path.of(value));
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new UsageException(path + " does not exist; run scripts/fetch-tasker --help");
    }
    return path;
  }
}
