package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tasker's orchestrator on a database, as a separate process with its API on a free loopback port.
 * It is killed by {@link #close} or when the JVM ends: all its state is in the database, and
 * another orchestrator can continue with it.
 *
 * <p>Not thread-safe; its {@link #client} is.
 */
public final class TaskerOrchestrator implements AutoCloseable {
  private static final String CONFIG_FILE = "tasker-server.toml";

  /** Tasker's functions and triggers refer to their tables without a schema. */
  private static final String SESSION_OPTIONS = "-c search_path=tasker,public -c TimeZone=UTC";

  /** It reports its own polling as slow statements. */
  private static final String LOG_LEVEL = "warn,sqlx=error";

  private final TaskerOrchestratorConfig config;
  private final Path home;
  private final Path logFile;
  private final ServerCleanup cleanup;
  private final TaskerClient client;
  private @Nullable Process process;

  private TaskerOrchestrator(TaskerOrchestratorConfig config) {
    this.config = config;
    try {
      this.home = Files.createTempDirectory("wasm-broker-tasker-");
      this.client = new TaskerClient(URI.create("http://127.0.0.1:" + FreePort.find()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare a directory for Tasker's orchestrator", e);
    }
    this.logFile = home.resolve("tasker-server.log");
    this.cleanup = new ServerCleanup("tasker-at-exit", this::killAndDelete);
  }

  /** An orchestrator that is ready. */
  public static TaskerOrchestrator start(TaskerOrchestratorConfig config) {
    var orchestrator = new TaskerOrchestrator(config);
    try {
      orchestrator.resume();
      orchestrator.cleanup.runAtExit();
      return orchestrator;
    } catch (RuntimeException | Error e) {
      orchestrator.cleanup.run();
      throw e;
    }
  }

  /** Its API, still valid after {@link #kill} and {@link #resume}. */
  public TaskerClient client() {
    return client;
  }

  /** Its log, which is deleted with it. */
  public Path logFile() {
    return logFile;
  }

  /** Ends the process at once, as a crash would. */
  public void kill() {
    var running = process;
    process = null;
    if (running == null) {
      return;
    }
    running.descendants().forEach(ProcessHandle::destroyForcibly);
    running.destroyForcibly();
    try {
      running.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the process again, on the same port; does nothing while it runs. */
  public void resume() {
    if (process != null) {
      return;
    }
    if (!Files.isExecutable(config.program())) {
      throw new TaskerException(
          "no Tasker orchestrator at %s; build it with scripts/fetch-tasker server"
              .formatted(config.program()),
          null);
    }
    TaskerSchema.requireExists(config.jdbcUrl(), config.user(), config.password());
    try {
      var started = command().start();
      process = started;
      awaitReady(started);
    } catch (IOException e) {
      throw new TaskerException("cannot run %s".formatted(config.program()), e);
    }
  }

  private ProcessBuilder command() throws IOException {
    var file = home.resolve(CONFIG_FILE);
    try (var text = TaskerOrchestrator.class.getResourceAsStream(CONFIG_FILE)) {
      if (text == null) {
        throw new IOException("this build does not contain " + CONFIG_FILE);
      }
      Files.write(file, text.readAllBytes());
    }
    var builder =
        new ProcessBuilder(config.program().toAbsolutePath().toString())
            .directory(home.toFile()) // it would read .env in the working directory
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("TASKER_") || name.startsWith("PG"));
    environment.put("DATABASE_URL", config.databaseUrl());
    environment.put("PGOPTIONS", SESSION_OPTIONS);
    environment.put("TASKER_ENV", "test");
    environment.put("TASKER_CONFIG_PATH", file.toString());
    environment.put("TASKER_MESSAGING_BACKEND", "pgmq");
    environment.put("TASKER_WEB_BIND_ADDRESS", client.address().getAuthority());
    environment.put("LOG_LEVEL", LOG_LEVEL);
    return builder;
  }

  private void awaitReady(Process started) {
    long deadline = System.nanoTime() + config.startTimeout().toNanos();
    while (!client.isReady()) {
      if (System.nanoTime() > deadline) {
        throw new TaskerException(
            "Tasker's orchestrator was not ready within %s; the end of its log:%n%s"
                .formatted(config.startTimeout(), logTail()),
            null);
      }
      if (exitedWithinPollInterval(started)) {
        throw new TaskerException(
            "Tasker's orchestrator exited with %d while starting; the end of its log:%n%s"
                .formatted(started.exitValue(), logTail()),
            null);
      }
    }
  }

  /** Waits one poll interval for the process to exit. */
  private static boolean exitedWithinPollInterval(Process started) {
    try {
      return started.waitFor(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskerException("interrupted while Tasker's orchestrator was starting", e);
    }
  }

  /** The end of the server's log. */
  public String logTail() {
    return LogTail.of(logFile);
  }

  @Override
  public void close() {
    cleanup.close();
  }

  private void killAndDelete() {
    kill();
    client.close();
    try {
      Files.deleteIfExists(logFile);
      Files.deleteIfExists(home.resolve(CONFIG_FILE));
      Files.deleteIfExists(home);
    } catch (IOException e) {
      throw new UncheckedIOException("could not delete " + home, e);
    }
  }
}
