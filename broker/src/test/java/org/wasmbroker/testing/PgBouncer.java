package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.embedded.FreePort;
import org.wasmbroker.pgmq.DatabaseConfig;

/** A real PgBouncer in front of a database, on a free port of the loopback address. */
public final class PgBouncer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final DatabaseConfig behind;
  private final int port;

  private PgBouncer(Process process, DatabaseConfig behind, int port) {
    this.process = process;
    this.behind = behind;
    this.port = port;
  }

  /**
   * Starts one.
   *
   * @param behind the database and role that clients use through it
   * @param directory an empty one, for its files
   * @param settings lines of its configuration, such as {@code pool_mode = transaction}
   */
  public static PgBouncer start(DatabaseConfig behind, Path directory, String... settings) {
    var database = URI.create(behind.url().substring("jdbc:".length()));
    int port = FreePort.find();
    var lines =
        new ArrayList<>(
            List.of(
                "[databases]",
                "* = host=%s port=%d".formatted(database.getHost(), database.getPort()),
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                "listen_port = " + port,
                "unix_socket_dir =",
                "auth_type = trust",
                "auth_file = " + directory.resolve("users")));
    lines.addAll(List.of(settings));
    var role = Objects.requireNonNull(behind.user());
    var password = behind.password() == null ? "" : behind.password().reveal();
    try {
      Files.writeString(directory.resolve("users"), "\"%s\" \"%s\"%n".formatted(role, password));
      Files.write(directory.resolve("pgbouncer.ini"), lines);
      var running = new PgBouncer(command(directory).start(), behind, port);
      running.awaitPort(directory.resolve("log"));
      return running;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "PgBouncer cannot be started (Debian: apt-get install pgbouncer)", e);
    }
  }

  /** It refuses to run as root, and then needs to read its files as someone else. */
  private static ProcessBuilder command(Path directory) throws IOException {
    var command = new ArrayList<>(List.of("pgbouncer"));
    if (System.getProperty("user.name").equals("root")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      command.addAll(List.of("-u", "nobody"));
    }
    command.add(directory.resolve("pgbouncer.ini").toString());
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    // Where Debian installs it, which is not in the path of every user.
    builder.environment().merge("PATH", "/usr/sbin", (path, sbin) -> path + ":" + sbin);
    return builder;
  }

  private void awaitPort(Path log) throws IOException {
    long began = System.nanoTime();
    while (true) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getInputStream();
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
          close();
          throw new AssertionError("PgBouncer did not start: " + Files.readString(log), notYet);
        }
      }
    }
  }

  /** The same database and role, through PgBouncer. */
  public DatabaseConfig config() {
    var database = URI.create(behind.url().substring("jdbc:".length()));
    return behind.withUrl(
        "jdbc:postgresql://127.0.0.1:" + port + database.getPath(),
        behind.user(),
        behind.password());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("PgBouncer did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
