package org.wasmbroker.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * Serves the playground to browsers on the same machine: its files, to GET and HEAD. Every request
 * has its own virtual thread; their number is bounded by the number of connections.
 *
 * <p>There is no token, since a browser that opens a page sends none. So it listens on loopback
 * addresses only, and a request that names another host is refused: a page of a stranger cannot
 * reach it by a name of its own that resolves to this machine.
 */
public final class UiServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UiServer.class);
  private static final int BACKLOG = 32;
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");
  private static final String METHODS = "GET, HEAD";

  /** Limits of the JDK's server, which reads them when the first one is created. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", "64",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "16384",
          // seconds from the first to the last byte
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "60",
          "sun.net.httpserver.nodelay", "true");

  private final Playground playground;
  private final InetSocketAddress address;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ui-", 0).factory());
  private @Nullable HttpServer server; // guarded by this

  /** What is answered: a text for a person, or a file. */
  private record Answer(int status, String contentType, String caching, Document body) {
    static Answer text(int status, String text) {
      return new Answer(
          status,
          "text/plain; charset=utf-8",
          "no-store",
          Document.of((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * @param address where to listen; port 0 for any free one
   * @throws IllegalArgumentException if it is not a loopback address
   */
  public UiServer(Playground playground, InetSocketAddress address) {
    if (address.isUnresolved() || !address.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "%s is not a loopback address: write the files with --export, and let a server with TLS serve them"
              .formatted(address.getHostString()));
    }
    this.playground = playground;
    this.address = address;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if it cannot
   */
  public synchronized void start() throws IOException {
    LIMITS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    var created = HttpServer.create(address, BACKLOG);
    created.setExecutor(threads);
    created.createContext("/", this::handle);
    created.start();
    server = created;
  }

  /** The address it listens on, with the actual port. */
  public synchronized InetSocketAddress address() {
    if (server == null) {
      throw new IllegalStateException("it has not started");
    }
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      send(exchange, path == null ? "" : path, answer(exchange, path == null ? "" : path));
    } catch (IOException gone) {
      log.debug("a browser went away", gone);
    }
  }

  private Answer answer(HttpExchange exchange, String path) {
    if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
      return Answer.text(421, "the Host header names no host of this server");
    }
    if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
      return Answer.text(405, "only GET and HEAD are supported here");
    }
    var file = playground.find(path);
    if (file.isEmpty()) {
      return Answer.text(404, "there is no such file");
    }
    try {
      return ofFile(exchange, file.orElseThrow());
    } catch (RuntimeException failure) {
      log.error("a file of the playground cannot be read", failure);
      return Answer.text(500, "it cannot be read; the log has the cause");
    }
  }

  private static Answer ofFile(HttpExchange exchange, Playground.File file) {
    var content = file.content().get();
    if (file.isForEver()) {
      return new Answer(200, file.contentType(), "private, max-age=31536000, immutable", content);
    }
    var tag = '"' + Digest.of(content.bytes()).hex() + '"';
    exchange.getResponseHeaders().set("ETag", tag);
    boolean isKnown = tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    return new Answer(
        isKnown ? 304 : 200, file.contentType(), "no-cache", isKnown ? Document.EMPTY : content);
  }

  /** The names of loopback, and the address it listens on, such as 127.0.0.2. */
  private boolean isOurs(@Nullable String header) {
    if (header == null) {
      return false;
    }
    var host = header.strip().toLowerCase(Locale.ROOT);
    int colon = host.lastIndexOf(':');
    var name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return LOOPBACK.contains(name) || name.equals(address.getAddress().getHostAddress());
  }

  private static void send(HttpExchange exchange, String path, Answer answer) throws IOException {
    var headers = exchange.getResponseHeaders();
    ContentPolicy.headers(path).forEach(headers::set);
    headers.set("Content-Type", answer.contentType());
    headers.set("Cache-Control", answer.caching());
    if (answer.status() == 405) {
      headers.set("Allow", METHODS);
    }
    var bytes = answer.body().bytes();
    if (exchange.getRequestMethod().equals("HEAD") || answer.status() == 304) {
      if (answer.status() != 304) {
        headers.set("Content-Length", String.valueOf(bytes.length));
      }
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Stops listening at once and aborts requests in progress. */
  @Override
  public void close() {
    HttpServer running;
    synchronized (this) {
      running = server;
      server = null;
    }
    if (running != null) {
      running.stop(0);
    }
    threads.shutdownNow();
  }
}
