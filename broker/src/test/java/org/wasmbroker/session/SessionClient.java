package org.wasmbroker.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.wasmbroker.telemetry.EventSink;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client on the two ends of pipes, with a session that runs on a thread of its own. */
public final class SessionClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
  private final Session session;
  private final OutputStream requests;
  private final BufferedReader answers;

  public SessionClient(Commands commands, SessionLimits limits) {
    this(commands, limits, 0, EventSink.NONE);
  }

  public SessionClient(
      Commands commands, SessionLimits limits, long threadStackBytes, EventSink events) {
    try {
      var in = Pipe.open();
      var out = Pipe.open();
      requests = Channels.newOutputStream(in.sink());
      answers =
          new BufferedReader(
              Channels.newReader(out.source(), StandardCharsets.UTF_8.newDecoder(), -1));
      var answering = Channels.newOutputStream(out.sink());
      session =
          new Session(
              commands,
              limits,
              "1.2.3",
              threadStackBytes,
              events,
              Channels.newInputStream(in.source()),
              answering);
      thread.execute(
          () -> {
            try (answering) {
              session.run(GRACE);
            } catch (IOException unexpected) {
              throw new UncheckedIOException(unexpected);
            }
          });
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** Sends a line. */
  public void send(String request) {
    try {
      requests.write((request.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8));
      requests.flush();
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** The next answer; null, as JSON has it, at the end. */
  public JsonNode answer() {
    try {
      var line = answers.readLine();
      return line == null ? JSON.nullNode() : JSON.readTree(line);
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  public JsonNode ask(String request) {
    send(request);
    return answer();
  }

  /** Runs a command line. */
  public JsonNode shell(String command) {
    var request = JSON.createObjectNode().put("id", "shell").put("type", "shell");
    return ask(JSON.writeValueAsString(request.put("command", command)));
  }

  /** Says that no more requests will come. */
  public void end() {
    try {
      requests.close();
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** Stops the session, as a signal does. */
  public void stop() {
    session.close();
  }

  @Override
  public void close() {
    end();
    thread.close();
  }
}
