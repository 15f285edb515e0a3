package org.wasmbroker.mcp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.telemetry.EventSink;

/**
 * Clients over HTTP, at one path: each message is a POST, whose response is the answer, or a stream
 * of events that ends with it. Every request has its own virtual thread; their number is bounded by
 * the number of connections.
 */
public final class HttpTransport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);
  private static final int BACKLOG = 32;
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(20);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final InetSocketAddress address;
  private final HttpSessions sessions;
  private final HttpMessages messages;
  private final WriteWatch watch;
  private final TaskLoop idle;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("mcp-http-", 0).factory());
  private @Nullable HttpServer server; // guarded by this

  /**
   * @param address where to listen; port 0 for any free one
   * @throws IllegalArgumentException if the address is not loopback and no token is asked for, or
   *     the file of the tokens is unusable
   */
  public HttpTransport(McpServer mcp, InetSocketAddress address, EventSink events) {
    this(mcp, address, events, WRITE_LIMIT);
  }

  HttpTransport(McpServer mcp, InetSocketAddress address, EventSink events, Duration writeLimit) {
    var tokens = new BearerTokens(mcp.config().tokenFile());
    if (!tokens.areAskedFor()
        && (address.isUnresolved() || !address.getAddress().isLoopbackAddress())) {
      throw new IllegalArgumentException(
          "%s is not a loopback address: set mcp.token-file, so that not everybody can call tools"
              .formatted(address.getHostString()));
    }
    this.address = address;
    this.sessions = new HttpSessions(mcp, events);
    this.watch = new WriteWatch(writeLimit, events);
    this.messages =
        new HttpMessages(mcp, sessions, new RequestGuard(mcp.config(), tokens), watch, events);
    this.idle =
        new TaskLoop(
            "mcp-sessions",
            () -> {
              sessions.endIdle();
              return LOOK;
            });
    applyLimits(mcp.config());
  }

  /**
   * The JDK's server reads its limits from system properties, when the first one is created. A
   * response may last: what it waits for has limits of its own. To be called before any other HTTP
   * server of the process is created.
   */
  public static void applyLimits(McpConfig config) {
    set("sun.net.httpserver.maxRspTime", "-1");
    set("sun.net.httpserver.maxReqTime", "30");
    set(
        "jdk.httpserver.maxConnections",
        String.valueOf(64 + config.calls() + 4 * config.sessions()));
    set("sun.net.httpserver.maxReqHeaders", "50");
    set("sun.net.httpserver.maxReqHeaderSize", "16384");
    set("sun.net.httpserver.drainAmount", "16384");
    set("sun.net.httpserver.nodelay", "true");
  }

  private static void set(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if it cannot
   */
  public synchronized void start() throws IOException {
    var created = HttpServer.create(address, BACKLOG);
    created.setExecutor(threads);
    created.createContext("/", this::handle);
    created.start();
    server = created;
    watch.start();
    idle.start();
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
      messages.handle(exchange);
    } catch (IOException | ClientGoneException gone) {
      log.debug("a client went away", gone);
    } catch (RuntimeException | Error failure) {
      log.error("an MCP request over HTTP failed", failure);
      throw failure;
    }
  }

  /** Ends the sessions, and what runs in them. */
  @Override
  public void close() {
    HttpServer running;
    synchronized (this) {
      running = server;
      server = null;
    }
    messages.stop();
    sessions.endAll();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(STOP.toNanos(), TimeUnit.NANOSECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      threads.shutdownNow();
    }
    if (running != null) {
      running.stop(0);
    }
    idle.close();
    watch.close();
  }
}
