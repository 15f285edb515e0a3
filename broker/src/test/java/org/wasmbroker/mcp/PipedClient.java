package org.wasmbroker.mcp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.wasmbroker.telemetry.EventSink;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client on the two ends of pipes, with a server that runs on a thread of its own. */
public final class PipedClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
  private final OutputStream toServer;
  private final BufferedReader fromServer;
  private final List<JsonNode> notifications = new ArrayList<>();

  public PipedClient(McpServer server) {
    try {
      var requests = Pipe.open();
      var answers = Pipe.open();
      toServer = Channels.newOutputStream(requests.sink());
      fromServer =
          new BufferedReader(
              Channels.newReader(answers.source(), StandardCharsets.UTF_8.newDecoder(), -1));
      InputStream in = Channels.newInputStream(requests.source());
      var out = Channels.newOutputStream(answers.sink());
      thread.execute(
          () -> {
            try (out;
                var transport = new StdioTransport(server, in, out, EventSink.NONE)) {
              transport.run(GRACE);
            } catch (IOException unexpected) {
              throw new UncheckedIOException(unexpected);
            }
          });
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** Says initialize, and that it is initialized. */
  public PipedClient initialized() {
    var _ =
        ask(
            """
            {"jsonrpc":"2.0","id":"begin","method":"initialize","params":{"protocolVersion":"2025-11-25",
             "capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");
    send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    return this;
  }

  /** Sends a message, whose line breaks become spaces. */
  public void send(String message) {
    send((message.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) {
    try {
      toServer.write(bytes);
      toServer.flush();
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** The next message, whatever it is; null at the end. */
  JsonNode next() {
    try {
      var line = fromServer.readLine();
      return line == null ? JSON.nullNode() : JSON.readTree(line);
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** The next answer; notifications before it are kept. */
  public JsonNode answer() {
    while (true) {
      var message = next();
      if (!message.has("method")) {
        return message;
      }
      notifications.add(message);
    }
  }

  public JsonNode ask(String request) {
    send(request);
    return answer();
  }

  /** Those that have come before the answers that were read. */
  public List<JsonNode> notifications() {
    return List.copyOf(notifications);
  }

  /** Waits for a notification of this method. */
  public JsonNode awaitNotification(String method) {
    while (true) {
      var message = next();
      if (message.path("method").asString("").equals(method)) {
        return message;
      }
      if (message.isNull()) {
        throw new IllegalStateException("the server has ended");
      }
    }
  }

  /** Says that no more messages will come. */
  public void end() {
    try {
      toServer.close();
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  @Override
  public void close() {
    end();
    thread.close();
  }
}
