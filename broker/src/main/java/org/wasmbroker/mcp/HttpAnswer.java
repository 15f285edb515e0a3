package org.wasmbroker.mcp;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The response to one HTTP request: a JSON document, or a stream of events as soon as there is
 * something to send before the answer, or the answer takes long. Used by the request's thread.
 */
final class HttpAnswer implements Outlet {
  private static final String JSON = "application/json";
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final byte[] COMMENT = ": waiting\n\n".getBytes(StandardCharsets.UTF_8);

  private final HttpExchange exchange;
  private final WriteWatch watch;
  private final boolean mayStream;
  private boolean streaming;
  private long last = System.nanoTime();

  /**
   * @param mayStream whether the client reads a stream of events
   */
  HttpAnswer(HttpExchange exchange, WriteWatch watch, boolean mayStream) {
    this.exchange = exchange;
    this.watch = watch;
    this.mayStream = mayStream;
  }

  /** Begins the stream, before there is anything to send. */
  void stream() {
    try {
      begin();
    } catch (IOException gone) {
      throw new ClientGoneException(gone);
    }
  }

  @Override
  public void send(ObjectNode message) {
    if (mayStream) {
      write(event(message));
    }
  }

  /** Sends a comment, by which a client that has gone is noticed. */
  @Override
  public void idle() {
    if (mayStream && System.nanoTime() - last > PATIENCE.toNanos()) {
      write(COMMENT);
    }
  }

  /** Ends the stream. */
  void finish() {
    exchange.close();
  }

  /**
   * Answers, and ends the response.
   *
   * @param answer null if there is nothing to answer
   * @param status of HTTP, unless the stream has begun
   */
  void finish(@Nullable ObjectNode answer, int status) {
    if (streaming || answer == null) {
      if (answer != null) {
        write(event(answer));
      } else if (!streaming) {
        respond(status, null);
      }
      exchange.close();
    } else {
      respond(status, JsonRpc.write(answer));
    }
  }

  private void respond(int status, byte @Nullable [] body) {
    try {
      watch.run(
          () -> {
            if (body == null) {
              exchange.sendResponseHeaders(status, -1);
            } else {
              exchange.getResponseHeaders().set("Content-Type", JSON);
              exchange.sendResponseHeaders(status, body.length);
              exchange.getResponseBody().write(body);
            }
          });
    } catch (IOException gone) {
      throw new ClientGoneException(gone);
    }
  }

  private void begin() throws IOException {
    if (!streaming) {
      streaming = true;
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "text/event-stream");
      headers.set("Cache-Control", "no-store");
      headers.set("X-Accel-Buffering", "no");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
    }
  }

  private void write(byte[] bytes) {
    try {
      watch.run(
          () -> {
            begin();
            exchange.getResponseBody().write(bytes);
            exchange.getResponseBody().flush();
          });
      last = System.nanoTime();
    } catch (IOException gone) {
      throw new ClientGoneException(gone);
    }
  }

  /** JSON has no line break outside of strings, where it is escaped. */
  private static byte[] event(ObjectNode message) {
    var data = new String(JsonRpc.write(message), StandardCharsets.UTF_8);
    return ("event: message\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
