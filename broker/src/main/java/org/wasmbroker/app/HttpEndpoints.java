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
 * Serves health and metrics. Every request has a virtual thread of its own; their number is bounded
 * by the connections, and a client that sends or reads too slowly loses its connection ({@link
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
   * @param pages makes the pages, which may run their checks on the threads that it is given
   */
  HttpEndpoints(HttpConfig config, Function<Executor, Pages> pages) {
    this.config = config;
    this.routes = new HttpRoutes(pages.apply(threads));
  }

  /**
   * Begins to listen.
   *
   * @throws HttpUnavailableException when host and port cannot be listened on
   */
  public synchronized void start() {
    if (closed || server != null) {
      throw new IllegalStateException("endpoints start once");
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
          "cannot serve health and metrics on %s port %d: %s; set http.host or http.port (0 takes any free port)"
              .formatted(config.host(), config.port(), cause.getMessage()),
          cause);
    }
  }

  /** The address that is listened on, with the port that was found free. */
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
      log.debug("a client went away before its answer", clientWentAway);
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

  /** Stops listening at once and gives up what is being answered. */
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
        log.warn("a health check did not end when it was interrupted");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
