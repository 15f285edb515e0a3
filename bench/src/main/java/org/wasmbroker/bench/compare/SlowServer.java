package org.wasmbroker.bench.compare;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;

/**
 * A server on the loopback address that answers each request with a small JSON document after a
 * while.
 */
final class SlowServer implements AutoCloseable {
  private static final byte[] BODY =
      """
      {"order":{"id":"O-1","total":1980},"lines":[{"price":250,"quantity":2}]}\
      """
          .getBytes(StandardCharsets.UTF_8);
  private static final int BACKLOG = 4096;

  private final HttpServer server;
  private final java.util.concurrent.ExecutorService threads =
      Executors.newVirtualThreadPerTaskExecutor();

  SlowServer(Duration delay) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            if (delay.isPositive()) {
              Thread.sleep(delay);
            }
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, BODY.length);
            exchange.getResponseBody().write(BODY);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:%d/orders".formatted(server.getAddress().getPort());
  }

  /** Writes a policy that lets http_request send requests here. */
  Path writePolicy(Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("policy.yaml"),
        """
        handlers:
          - handler: http_request
            http:
              - url: http://127.0.0.1:%d/orders
                methods: [GET, POST]
                networks: [127.0.0.0/8]
        """
            .formatted(server.getAddress().getPort()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
