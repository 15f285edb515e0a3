package org.wasmbroker.telemetry.otel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;

/** Whether spans could be sent to the collector now, as far as that can be said without a span. */
public final class CollectorCheck {
  private static final int MAX_REASON_LENGTH = 300;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private CollectorCheck() {}

  /** What is wrong, or null if nothing is, or if nothing is traced. */
  public static @Nullable String problem(TracesConfig config, Duration timeout) {
    var collector = config.collector();
    if (collector == null) {
      return null;
    }
    try {
      Exporters.to(collector).shutdown();
      connect(collector.endpoint(), timeout);
      return null;
    } catch (IOException | IllegalArgumentException | UncheckedIOException problem) {
      return SafeText.sanitize(String.valueOf(problem.getMessage()), MAX_REASON_LENGTH);
    }
  }

  private static void connect(URI endpoint, Duration timeout) throws IOException {
    int port = endpoint.getPort();
    if (port < 0) {
      port = endpoint.getScheme().equals("https") ? HTTPS_PORT : HTTP_PORT;
    }
    var address = new InetSocketAddress(endpoint.getHost(), port);
    if (address.isUnresolved()) {
      throw new IOException("the host of " + endpoint + " is unknown");
    }
    try (var socket = new Socket()) {
      socket.connect(address, Math.toIntExact(timeout.toMillis()));
    } catch (IOException refused) {
      throw new IOException(
          "nothing answers at " + endpoint + ": " + refused.getMessage(), refused);
    }
  }
}
