package org.wasmbroker.mcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.document.BoundedLines;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.McpEvent;
import tools.jackson.databind.node.ObjectNode;

/**
 * One client on two streams, a message a line; nothing else is ever written. Messages are read in
 * their order by the caller of {@link #run}; calls of tools run beside it.
 */
public final class StdioTransport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StdioTransport.class);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final McpServer server;
  private final InputStream in;
  private final OutputStream out; // guarded by itself
  private final EventSink events;
  private final Peer peer = new Peer("", this::write);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("mcp-", 0).factory());

  /**
   * @param out nobody else may write to it
   */
  public StdioTransport(McpServer server, InputStream in, OutputStream out, EventSink events) {
    this.server = server;
    this.in = in;
    this.out = out;
    this.events = events;
  }

  /**
   * Serves the client until it closes its end, and then until the calls under way have ended, which
   * are stopped after the grace.
   *
   * @throws UncheckedIOException if the input cannot be read
   */
  public void run(Duration grace) {
    var forget = server.tellChanges(peer);
    try {
      read();
      threads.shutdown();
      if (!threads.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
        log.warn("calls are stopped, since the client has gone");
      }
    } catch (ClientGoneException gone) {
      log.debug("the client closed the output", gone);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      forget.run();
      close();
    }
  }

  private void read() throws IOException {
    var lines = new BoundedLines(in, server.config().messageBytes());
    for (var line = lines.next(); line != null; line = lines.next()) {
      if (line.isTooLong()) {
        refuse(
            new Message.Malformed(
                JsonRpc.NODES.nullNode(),
                new RpcException(
                    RpcException.INVALID_REQUEST,
                    "a message has at most %d bytes".formatted(server.config().messageBytes()))),
            McpEvent.Reason.TOO_LARGE);
      } else {
        take(JsonRpc.read(line.bytes()));
      }
    }
  }

  private void take(Message message) {
    switch (message) {
      case Message.Request request -> serve(request);
      case Message.Notification notification -> McpServer.accept(notification, peer);
      case Message.Response _ -> {}
      case Message.Malformed malformed -> refuse(malformed, McpEvent.Reason.MALFORMED);
    }
  }

  private void refuse(Message.Malformed malformed, McpEvent.Reason reason) {
    events.on(new McpEvent.Refused(reason));
    write(JsonRpc.error(malformed.id(), malformed.problem()));
  }

  private void serve(Message.Request request) {
    Exchange exchange;
    try {
      exchange = peer.begin(request, Era.of(request, null), this::write);
    } catch (RpcException inUse) {
      write(JsonRpc.error(request.id(), inUse));
      return;
    }
    if (McpServer.isLong(request)) {
      threads.execute(() -> answer(exchange));
    } else {
      answer(exchange);
    }
  }

  private void answer(Exchange exchange) {
    @Nullable ObjectNode answer;
    try {
      answer = server.answer(exchange);
    } finally {
      peer.end(exchange); // before the answer, after which the client may use the id again
    }
    try {
      if (answer != null) {
        write(answer);
      }
    } catch (ClientGoneException gone) {
      log.debug("an answer was not read", gone);
    }
  }

  private void write(ObjectNode message) {
    var bytes = JsonRpc.write(message);
    try {
      synchronized (out) {
        out.write(bytes);
        out.write('\n');
        out.flush();
      }
    } catch (IOException closed) {
      throw new ClientGoneException(closed);
    }
  }

  /** Stops the calls under way, and waits for their end. */
  @Override
  public void close() {
    peer.cancelAll("the server stops");
    threads.shutdown();
    boolean ended = false;
    try {
      ended = threads.awaitTermination(STOP.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      threads.shutdownNow();
    }
  }
}
