package org.wasmbroker.testing;

import java.nio.file.Path;
import java.util.Objects;
import org.wasmbroker.embedded.TaskerOrchestrator;
import org.wasmbroker.embedded.TaskerOrchestratorConfig;
import org.wasmbroker.pgmq.DatabaseConfig;

/** Tasker's real orchestrator for tests that end in {@code E2E}: {@code make tasker-e2e}. */
public final class TaskerServer {
  private static final String PROGRAM = "wasm-broker.tasker-server";

  private TaskerServer() {}

  /** Starts an orchestrator on this database. */
  public static TaskerOrchestrator start(TaskerDatabase database) {
    return TaskerOrchestrator.start(configOf(program(), database.config()));
  }

  /** The executable, whose path the build passes as a system property. */
  public static Path program() {
    return Path.of(
        Objects.requireNonNull(System.getProperty(PROGRAM), "run these tests by make tasker-e2e"));
  }

  public static TaskerOrchestratorConfig configOf(Path program, DatabaseConfig config) {
    return TaskerOrchestratorConfig.of(
        program,
        config.url(),
        config.user(),
        config.password() == null ? null : config.password().reveal());
  }
}
