package org.wasmbroker.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The server that the kit's guests ask, on a free port of this machine, for as long as they run.
 */
public final class ConformanceServer implements AutoCloseable {
  private static final int LARGE_BYTES = 200_000;

  private final HttpServer server;

  private ConformanceServer(HttpServer server) {
    this.server = server;
  }

  /** Listens on a free port. */
  public static ConformanceServer start() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext("/", ConformanceServer::answer);
    server.start();
    return new ConformanceServer(server);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      switch (exchange.getRequestURI().getPath()) {
        case "/hello" -> send(exchange, 200, "hello, guest");
        case "/echo" ->
            send(
                exchange,
                200,
                "%s %s %s"
                    .formatted(
                        exchange.getRequestMethod(), header(exchange, "x-conformance"), body));
        case "/secret" -> {
          boolean right =
              header(exchange, "authorization").equals("Bearer " + ConformanceKit.SECRET_VALUE);
          send(exchange, 200, right ? "the secret is right" : "the secret is wrong");
        }
        case "/empty" -> exchange.sendResponseHeaders(204, -1);
        case "/large" -> send(exchange, 200, "x".repeat(LARGE_BYTES));
        // Closing an exchange that has no response closes its connection.
        case "/hang-up" -> {}
        default -> send(exchange, 404, "nothing here");
      }
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "(none)");
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
