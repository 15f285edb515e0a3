package org.wasmbroker.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves health and metrics. Every request has its own virtual thread; their number is bounded by
 * the number of connections, and a client that sends or reads too slowly is disconnected ({@link
 * HttpLimits}).
 */
final class HttpEndpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoints.class);
  private static final int STOP_SECONDS = 2;

  private final HttpConfig config;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
  private final HttpRoutes routes;

  /** Guarded by this. */
  private @Nullable HttpServer server;

  /** Guarded by this. */
  private boolean closed;

  /**
   * @param pages creates the pages, which may run their checks on the given executor
   */
  HttpEndpoints(HttpConfig config, Function<Executor, Pages> pages) {
    this.config = config;
    this.routes = new HttpRoutes(pages.apply(threads));
  }

  /**
   * Starts to listen.
   *
   * @throws HttpUnavailableException if it cannot listen on the host and port
   */
  public synchronized void start() {
    if (closed || server != null) {
      throw new IllegalStateException("endpoints can be started only once");
    }
    HttpLimits.apply();
    server = listen();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private HttpServer listen() {
    var address = new InetSocketAddress(config.host(), config.port());
    try {
      return HttpServer.create(address, HttpLimits.BACKLOG);
    } catch (IOException cause) {
      throw new HttpUnavailableException(
          "cannot serve health and metrics on %s port %d: %s; set http.host or http.port (0 picks any free port)"
              .formatted(config.host(), config.port(), cause.getMessage()),
          cause);
    }
  }

  /** The address it listens on, with the actual port. */
  public synchronized InetSocketAddress address() {
    if (server == null) {
      throw new IllegalStateException("endpoints have not started");
    }
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      send(exchange, routes.respond(exchange.getRequestMethod(), path(exchange), accept(exchange)));
    } catch (IOException clientWentAway) {
      log.debug("a client disconnected before the response was sent", clientWentAway);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private static String path(HttpExchange exchange) {
    return exchange.getRequestURI().getPath();
  }

  private static @Nullable String accept(HttpExchange exchange) {
    var accept = exchange.getRequestHeaders().get("Accept");
    return accept == null ? null : String.join(",", accept);
  }

  private static void send(HttpExchange exchange, Response response) throws IOException {
    var bytes = response.body().bytes();
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", response.contentType());
    headers.set("Cache-Control", "no-store");
    if (response.status() == 405) {
      headers.set("Allow", HttpRoutes.METHODS);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(bytes.length));
      exchange.sendResponseHeaders(response.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(response.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Stops listening at once and aborts requests in progress. */
  @Override
  public void close() {
    HttpServer running;
    synchronized (this) {
      closed = true;
      running = server;
      server = null;
    }
    if (running != null) {
      running.stop(0);
    }
    threads.shutdownNow();
    awaitThreads();
  }

  private void awaitThreads() {
    try {
      if (!threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        log.warn("a health check did not stop when interrupted");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
