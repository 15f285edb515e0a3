package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port of the loopback address for a server that has to be told one. It is none of those that
 * systems give to whoever asks for any: of these, another process may get one before the server
 * listens, or while the server is stopped.
 */
public final class FreePort {
  private static final int FIRST = 20_000;

  /** The one after the last: Linux gives the ports from there on, others higher ones. */
  private static final int END = 32_768;

  private static final int ATTEMPTS = 1_000;

  private FreePort() {}

  /** One at which nobody listens. */
  public static int find() {
    for (int attempt = 1; ; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        return port;
      } catch (IOException taken) {
        if (attempt == ATTEMPTS) {
          throw new UncheckedIOException(
              "found no free port in %d attempts".formatted(attempt), taken);
        }
      }
    }
  }
}
