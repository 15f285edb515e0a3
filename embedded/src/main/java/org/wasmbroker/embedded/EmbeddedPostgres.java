package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres server on the loopback address, with PGMQ in its database {@code postgres}. It starts
 * in one to two seconds, also as root, and is stopped by {@link #close} or when the JVM ends.
 *
 * <p>Commits wait for the disk as Postgres does by default ({@code fsync} and {@code
 * synchronous_commit} are on), so that measurements on it are no better than those on a server that
 * keeps its data.
 *
 * <p>Not thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String USER = "postgres";
  private static final String DATABASE = "postgres";

  /** Enough connections for a broker, its tools and a person, and little memory. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "listen_addresses", "127.0.0.1",
          "unix_socket_directories", "",
          "fsync", "on",
          "synchronous_commit", "on",
          "max_connections", "60",
          "shared_buffers", "128MB",
          "max_wal_size", "2GB",
          "timezone", "UTC",
          "log_timezone", "UTC");

  /** Far away: it only ends a wait for a server that hangs. */
  private static final Duration STOP_LIMIT = Duration.ofMinutes(5);

  private static final Duration POLL = Duration.ofMillis(10);

  private final EmbeddedPostgresConfig config;
  private final Path home;
  private final Path data;
  private final Path logFile;
  private final Map<String, String> settings;
  private final ServerCleanup cleanup;
  private final int port;
  private io.zonky.test.db.postgres.embedded.@Nullable EmbeddedPostgres server;

  private EmbeddedPostgres(EmbeddedPostgresConfig config) {
    this.config = config;
    try {
      this.home = Files.createTempDirectory("wasm-broker-postgres-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot create a temporary directory for the embedded Postgres", e);
    }
    this.data =
        config.dataDirectory() == null
            ? home.resolve("data")
            : config.dataDirectory().toAbsolutePath();
    this.logFile = home.resolve("postgres.log");
    this.port = config.port() == 0 ? FreePort.find() : config.port();
    this.settings = new TreeMap<>(SETTINGS);
    this.cleanup = new ServerCleanup("embedded-postgres-at-exit", this::stopAndDelete);
  }

  /** A running server with the defaults. */
  public static EmbeddedPostgres start() {
    return start(EmbeddedPostgresConfig.DEFAULTS);
  }

  /** A running server, with the extension PGMQ created in its database. */
  public static EmbeddedPostgres start(EmbeddedPostgresConfig config) {
    var postgres = new EmbeddedPostgres(config);
    try {
      postgres.settings.put(
          "extension_control_path", "$system:" + PgmqExtension.extractTo(postgres.home));
      postgres.settings.putAll(config.settings());
      postgres.copyTemplate();
      postgres.resume();
      postgres.createExtension();
      postgres.cleanup.runAtExit();
      return postgres;
    } catch (RuntimeException | Error e) {
      postgres.cleanup.run();
      throw e;
    }
  }

  private void copyTemplate() {
    var template = config.template();
    if (template == null || Files.exists(data)) {
      return;
    }
    try (var files = Files.walk(template)) {
      for (var file : files.toList()) {
        Files.copy(
            file, data.resolve(template.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the data of " + template, e);
    }
  }

  /** Stops the server as a reboot of the machine would; data and port are kept. */
  public void pause() {
    var running = server;
    server = null;
    if (running != null) {
      var process = serverProcess();
      close(running);
      // pg_ctl waits for a few seconds only, and on a slow machine the server may need longer.
      process.ifPresent(EmbeddedPostgres::awaitExit);
    }
  }

  /**
   * Stops the server as a crash would: no checkpoint, unlogged tables are emptied by the next
   * start, and commits that did not wait for the disk may be lost.
   */
  public void crash() {
    var running = server;
    server = null;
    if (running != null) {
      var process =
          serverProcess()
              .orElseThrow(
                  () ->
                      new EmbeddedPostgresException("the embedded Postgres is not running", null));
      signal("QUIT", process);
      awaitExit(process);
      close(running);
    }
  }

  private static void close(io.zonky.test.db.postgres.embedded.EmbeddedPostgres running) {
    try {
      running.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded Postgres did not stop", e);
    }
  }

  /** The first line of this file is the id of the server's main process. */
  private Optional<ProcessHandle> serverProcess() {
    var file = data.resolve("postmaster.pid");
    try (var lines = Files.lines(file)) {
      return lines.findFirst().map(String::strip).map(Long::parseLong).flatMap(ProcessHandle::of);
    } catch (NoSuchFileException stopped) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The shell's kill, since the program of that name is not part of every system. */
  private static void signal(String name, ProcessHandle process) {
    try {
      var kill = "kill -%s %d".formatted(name, process.pid());
      int status = new ProcessBuilder("sh", "-c", kill).inheritIO().start().waitFor();
      if (status != 0) {
        throw new EmbeddedPostgresException("'%s' ended with %d".formatted(kill, status), null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot signal the embedded Postgres", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedPostgresException("interrupted while the embedded Postgres stopped", e);
    }
  }

  private static void awaitExit(ProcessHandle process) {
    long began = System.nanoTime();
    while (!hasEnded(process)) {
      if (System.nanoTime() - began > STOP_LIMIT.toNanos()) {
        throw new EmbeddedPostgresException("the embedded Postgres did not stop", null);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /**
   * A server is a child of the machine's first process, which may take its time to collect an exit
   * status; until then a process that has ended has the state Z.
   */
  private static boolean hasEnded(ProcessHandle process) {
    if (!process.isAlive()) {
      return true;
    }
    try {
      var status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return status.startsWith(" Z", status.lastIndexOf(')') + 1);
    } catch (IOException unknown) { // it has just gone, or this is not Linux
      return false;
    }
  }

  /** Starts the server again, on the same port; does nothing while it runs. */
  public void resume() {
    if (server != null) {
      return;
    }
    var builder =
        io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOutputRedirector(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
            .setErrorRedirector(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
            .setPGStartupWait(config.startTimeout())
            .setPort(port);
    settings.forEach(builder::setServerConfig);
    try {
      server = builder.start();
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedPostgresException(
          "the embedded Postgres did not start (data in %s, port %d): %s%n%s"
              .formatted(data, port, e.getMessage(), LogTail.of(logFile)),
          e);
    }
  }

  public String jdbcUrl() {
    return jdbcUrl(DATABASE);
  }

  /** The URL of another database on this server. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
  }

  public String user() {
    return USER;
  }

  /** Any password: the server trusts connections from this machine. */
  public String password() {
    return USER;
  }

  public int port() {
    return port;
  }

  /** The data directory. */
  public Path dataDirectory() {
    return data;
  }

  /** Stops the server, and deletes its data unless the data directory was configured. */
  @Override
  public void close() {
    cleanup.close();
  }

  private void stopAndDelete() {
    try {
      pause();
    } finally {
      deleteTree(home);
    }
  }

  private void createExtension() {
    try (var connection = DriverManager.getConnection(jdbcUrl(), USER, USER);
        var statement = connection.createStatement()) {
      statement.execute("create extension if not exists pgmq");
    } catch (SQLException e) {
      throw new EmbeddedPostgresException(
          "PGMQ could not be created in the embedded Postgres: " + e.getMessage(), e);
    }
  }

  private static void deleteTree(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException cause)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("could not delete " + root, e);
    }
  }
}
