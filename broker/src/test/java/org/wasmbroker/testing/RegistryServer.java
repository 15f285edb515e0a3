package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A real OCI registry on loopback: Distribution 2.8, as Debian has it in {@code docker-registry}.
 * It has no referrers API, and a tag can be overwritten.
 */
public final class RegistryServer implements AutoCloseable {
  public static final String USER = "ada";
  public static final String PASSWORD = "correct horse";

  private static final String BCRYPT =
      "$2y$05$z92ASe7EccJA8VBT6HxjYejIBSkqvWcyDvpzqhY5TYBVuQfev7u4e";
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final int ATTEMPTS = 20;

  private final Process process;
  private final Path directory;
  private final int port;

  private RegistryServer(Process process, Path directory, int port) {
    this.process = process;
    this.directory = directory;
    this.port = port;
  }

  /**
   * How it is set up.
   *
   * @param tls lines of the section {@code http}, or nothing
   * @param auth the section {@code auth}, or nothing
   */
  private record Setup(Path directory, String tls, String auth) {}

  /**
   * Starts one that anybody may read and write.
   *
   * @param directory an empty one, for its files
   */
  public static RegistryServer start(Path directory) {
    return start(new Setup(directory, "", ""));
  }

  /** Starts one that only {@link #USER} may use. */
  public static RegistryServer startWithPassword(Path directory) {
    try {
      var users = Files.writeString(directory.resolve("users"), USER + ":" + BCRYPT + "\n");
      return start(
          new Setup(directory, "", "auth: {htpasswd: {realm: test, path: %s}}".formatted(users)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one with TLS. */
  public static RegistryServer startWithTls(Path directory, TlsServer.Identity identity)
      throws Exception {
    return start(
        new Setup(
            directory,
            ", tls: {certificate: %s, key: %s}"
                .formatted(identity.certificate(), identity.keyFile()),
            ""));
  }

  /** Starts one that wants tokens of this server. */
  public static RegistryServer startWithTokens(Path directory, RegistryTokens tokens) {
    return start(
        new Setup(
            directory,
            "",
            "auth: {token: {realm: '%s', service: %s, issuer: %s, rootcertbundle: %s}}"
                .formatted(
                    tokens.url(),
                    RegistryTokens.SERVICE,
                    RegistryTokens.ISSUER,
                    tokens.certificate())));
  }

  /** It does not choose a free port itself: another process may take the one that was free. */
  private static RegistryServer start(Setup setup) {
    for (int attempt = 1; ; attempt++) {
      var log = setup.directory().resolve("log-" + attempt);
      try {
        int port = freePort();
        var server = new RegistryServer(command(setup, port, log).start(), setup.directory(), port);
        if (server.awaitListening(log)) {
          return server;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the registry cannot be started (Debian: apt-get install docker-registry)", e);
      }
      if (attempt == ATTEMPTS) {
        throw new AssertionError("no free port in " + ATTEMPTS + " attempts");
      }
    }
  }

  private static ProcessBuilder command(Setup setup, int port, Path log) throws IOException {
    var data = Files.createDirectories(setup.directory().resolve("data"));
    var config =
        """
        version: 0.1
        log: {level: info}
        storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
        http: {addr: '127.0.0.1:%d'%s}
        %s
        """
            .formatted(data, port, setup.tls(), setup.auth());
    var file = Files.writeString(setup.directory().resolve("config.yml"), config);
    return new ProcessBuilder("docker-registry", "serve", file.toString())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** False if another process has the port. */
  private boolean awaitListening(Path log) throws IOException {
    long began = System.nanoTime();
    while (true) {
      boolean alive = process.isAlive();
      var text = Files.readString(log);
      if (text.contains("listening on 127.0.0.1:" + port)) {
        return true;
      }
      if (!alive && text.contains("address already in use")) {
        return false;
      }
      if (!alive || System.nanoTime() - began > LIMIT_NANOS) {
        close();
        throw new AssertionError("the registry did not start: " + text);
      }
      Thread.onSpinWait();
    }
  }

  /** Host and port. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Makes {@code tag-1}, … of a tag, in the registry's files, which takes less than pushing. */
  public void copyTag(String repository, String tag, int copies) throws IOException {
    var tags =
        directory.resolve(
            "data/docker/registry/v2/repositories/%s/_manifests/tags".formatted(repository));
    var link = Files.readAllBytes(tags.resolve(tag + "/current/link"));
    for (int i = 1; i <= copies; i++) {
      var current = Files.createDirectories(tags.resolve(tag + "-" + i + "/current"));
      Files.write(current.resolve("link"), link);
    }
  }

  /** A file of credentials for registries, in Docker's form. */
  public static Path credentials(Path file, Set<String> hosts) throws IOException {
    var auth =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    var entries = hosts.stream().map(host -> "\"%s\":{\"auth\":\"%s\"}".formatted(host, auth));
    return Files.writeString(file, "{\"auths\":{" + String.join(",", entries.toList()) + "}}");
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(LIMIT_NANOS, TimeUnit.NANOSECONDS)) {
        throw new AssertionError("the registry did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
