package org.wasmbroker.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueMessage;
import org.wasmbroker.pgmq.QueueTail;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Shows results without removing them from their queue. */
@Command(
    name = "results",
    description = {
      "Show the messages on the results queue, oldest first.",
      "They stay on the queue: its consumers still get every message."
    },
    mixinStandardHelpOptions = true)
final class ResultsCommand implements Callable<Integer> {
  private static final int BATCH = 200;
  private static final int MAX_TEXT_CHARS = 300;
  private static final long POLL_MILLIS = 500;
  private static final JsonMapper JSON = JsonMapper.shared();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = {"-f", "--follow"},
      description = "Keep showing results as they arrive, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      description = "Wait for results until N have been shown.")
  private int count;

  @Option(
      names = "--json",
      description = "Print each message unchanged, one JSON document per line.")
  private boolean json;

  @Option(names = "--dead-letters", description = "Show the dead letters instead of the results.")
  private boolean deadLetters;

  @Override
  public Integer call() throws InterruptedException {
    var console = Console.of(Objects.requireNonNull(spec));
    var config = options.load();
    var queue = deadLetters ? config.queue().deadLetters() : config.queue().results();
    try (var database = Database.open(config.database(), "wasm-broker results");
        var stop = new StopSignals()) {
      var tail = new QueueTail(new Pgmq(database), queue, TimeSource.SYSTEM);
      long shown = 0;
      boolean waiting = false;
      do {
        try {
          for (var batch = tail.next(BATCH); !batch.isEmpty(); batch = tail.next(BATCH)) {
            batch.forEach(message -> print(console, message));
            shown += batch.size();
          }
          if (waiting) {
            console.error("the database can be read again");
          }
          waiting = false;
        } catch (SqlFailure failure) {
          if (!waits(shown) || !failure.isTransient()) {
            throw failure;
          }
          if (!waiting) {
            console.error("waiting for the database: " + failure.getMessage());
          }
          waiting = true;
        }
      } while (waits(shown) && !stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS));
      if (shown == 0) {
        console.error("queue " + queue + " is empty");
      }
    }
    return ExitCode.OK;
  }

  private boolean waits(long shown) {
    return follow || shown < count;
  }

  private void print(Console console, QueueMessage message) {
    var document = message.message();
    var text = document == null ? "null" : document.text();
    if (json) {
      console.line(text);
      return;
    }
    console.line(line(console, text));
  }

  /** A line for any message: one that is nested too deeply to be read does not hide the others. */
  private String line(Console console, String text) {
    try {
      var message = JSON.readTree(text);
      return deadLetters ? deadLetter(console, message) : result(console, message);
    } catch (JacksonException unreadable) {
      return console.failure("unreadable") + "  " + SafeText.sanitize(text, MAX_TEXT_CHARS);
    }
  }

  private static String result(Console console, JsonNode result) {
    var success = result.path("success").asBoolean(false);
    return "%s %s %s  %s"
        .formatted(
            success ? console.success("completed") : console.failure("failed   "),
            result.path("step_uuid").asString("?"),
            console.dim(receipt(result)),
            truncate(success ? result.path("result") : error(result)));
  }

  private static String deadLetter(Console console, JsonNode letter) {
    return "%s %s  %s"
        .formatted(
            console.failure("%-9s".formatted(letter.path("reason").asString("?"))),
            SafeText.sanitize(letter.path("detail").asString(""), MAX_TEXT_CHARS),
            console.dim(truncate(letter.path("message"))));
  }

  private static String receipt(JsonNode result) {
    var receipt = result.path("metadata").path("custom").path("receipt");
    return "%s, %s"
        .formatted(
            HumanFormat.duration(Duration.ofNanos(receipt.path("execution_ns").asLong(0))),
            HumanFormat.bytes(receipt.path("memory_high_water_bytes").asLong(0)));
  }

  private static JsonNode error(JsonNode result) {
    return result.path("error").path("message");
  }

  private static String truncate(JsonNode node) {
    return SafeText.sanitize(node.toString(), MAX_TEXT_CHARS);
  }
}
