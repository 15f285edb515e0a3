package org.wasmbroker.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Tasker's own worker as a process: its library with a no-op handler. */
public final class NativeWorker implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  /** Tasker's functions and triggers refer to their tables without a schema. */
  private static final String SESSION = "-c search_path=tasker,public -c TimeZone=UTC";

  private final Process process;

  private NativeWorker(Process process) {
    this.process = process;
  }

  /**
   * A worker that is ready for steps.
   *
   * @param program the executable, next to its configuration {@code worker.toml}
   */
  static NativeWorker start(TaskerTables tables, Path program)
      throws IOException, InterruptedException {
    var home = Files.createTempDirectory("wasm-broker-bench-native-");
    Files.writeString(home.resolve("flood.yaml"), TaskerTables.TEMPLATE);
    var web = freeAddress();
    var log = home.resolve("log");
    var builder =
        new ProcessBuilder(program.toAbsolutePath().toString())
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("TASKER_") || name.startsWith("PG"));
    var server = tables.server();
    environment.put(
        "DATABASE_URL",
        "postgresql://%s:%s@127.0.0.1:%d/%s"
            .formatted(server.user(), server.password(), server.port(), tables.name()));
    environment.put("PGOPTIONS", SESSION);
    environment.put("TASKER_ENV", "test");
    environment.put(
        "TASKER_CONFIG_PATH", program.toAbsolutePath().resolveSibling("worker.toml").toString());
    environment.put("TASKER_MESSAGING_BACKEND", "pgmq");
    environment.put("TASKER_WEB_BIND_ADDRESS", web);
    environment.put("TASKER_WORKER_GRPC_BIND_ADDRESS", freeAddress());
    environment.put("TASKER_TEMPLATE_PATH", home.toString());
    environment.put("LOG_LEVEL", "warn");
    var process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    var worker = new NativeWorker(process);
    try {
      worker.awaitReady(URI.create("http://" + web + "/health"), log);
      return worker;
    } catch (IOException | InterruptedException | RuntimeException e) {
      worker.close();
      throw e;
    }
  }

  private void awaitReady(URI health, Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    var request = HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(2)).build();
    try (var client = HttpClient.newHttpClient()) {
      while (!isHealthy(client, request)) {
        if (process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "the native worker did not start:\n" + Files.readString(log));
        }
      }
    }
  }

  private static boolean isHealthy(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Steps per second, from the first claim to the last result. */
  public static double flood(TaskerTables tables, Path program, int steps, boolean notified)
      throws IOException, InterruptedException, SQLException {
    tables.fill(steps);
    try (var worker = start(tables, program)) {
      if (notified) {
        tables.sendWithNotifications();
      } else {
        tables.send();
      }
      worker.awaitResults(tables, steps);
    }
    return steps / (tables.elapsed().toNanos() / 1e9);
  }

  /** Makes single steps ready at a fixed rate. */
  static void stream(TaskerTables tables, Path program, TaskerRun.Stream stream)
      throws IOException, InterruptedException, SQLException {
    var steps = tables.pending(stream.steps());
    try (var worker = start(tables, program)) {
      stream.enqueue(tables, steps);
      worker.awaitResults(tables, steps.size());
    }
  }

  private void awaitResults(TaskerTables tables, int steps)
      throws InterruptedException, SQLException {
    while (tables.results() < steps) {
      if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("the native worker exited");
      }
    }
  }

  /** Kills it; what it had not finished is lost. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String freeAddress() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }
}
