package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.standalone.StepMessageSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Puts messages on the queue. */
@Command(
    name = "enqueue",
    description = {
      "Put step messages on the queue.",
      "All messages of all files are validated first; if one is invalid, none is sent."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker enqueue docs/examples/orders.ndjson"})
final class EnqueueCommand implements Callable<Integer> {
  private static final int BATCH = 500;
  private static final int MAX_PROBLEMS_SHOWN = 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "One JSON message or several (NDJSON); - is standard input.")
  private List<String> files = List.of();

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "The queue to send to (sets queue.name).")
  private @Nullable String queue;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    options.put("queue.name", queue);
    var config = options.load();
    var messages = readMessages();
    try (var database = Database.open(config.database(), "wasm-broker enqueue")) {
      var pgmq = new Pgmq(database);
      for (int from = 0; from < messages.size(); from += BATCH) {
        int to = Math.min(messages.size(), from + BATCH);
        pgmq.sendBatch(config.queue().queue(), messages.subList(from, to), List.of());
        console.progress("sending", to, messages.size(), "");
      }
      console.progressDone();
    }
    console.line(
        "sent %d %s to %s"
            .formatted(
                messages.size(),
                messages.size() == 1 ? "message" : "messages",
                config.queue().queue()));
    return ExitCode.OK;
  }

  private List<String> readMessages() throws IOException {
    var messages = new ArrayList<String>();
    var problems = new ArrayList<Problem>();
    var schema = new StepMessageSchema();
    for (var file : files) {
      read(file, schema, messages, problems);
    }
    if (!problems.isEmpty()) {
      int omitted = problems.size() - MAX_PROBLEMS_SHOWN;
      throw new UsageException(
          "nothing was sent:\n  "
              + problems.stream()
                  .limit(MAX_PROBLEMS_SHOWN)
                  .map(Problem::toString)
                  .collect(Collectors.joining("\n  "))
              + (omitted > 0 ? "\n  and " + omitted + " more" : ""));
    }
    if (messages.isEmpty()) {
      throw new UsageException("no messages in " + String.join(", ", files));
    }
    return messages;
  }

  private static void read(
      String file, StepMessageSchema schema, List<String> messages, List<Problem> problems)
      throws IOException {
    int number = 0;
    try (var in = file.equals("-") ? System.in : Files.newInputStream(ProcessText.path(file));
        var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(in)) {
      while (values.hasNextValue()) {
        number++;
        var message = values.nextValue().toString();
        for (var problem : schema.problems(Document.of(message))) {
          var location = Location.of("%s, message %d".formatted(file, number));
          problems.add(new Problem(location, problem.subject(), problem.message()));
        }
        messages.add(message);
      }
    } catch (JacksonException notJson) {
      var at = notJson.getLocation();
      var location =
          new Location(file, at == null ? 0 : at.getLineNr(), at == null ? 0 : at.getColumnNr());
      var message = "is not valid JSON: " + SafeText.sanitize(notJson.getOriginalMessage(), 200);
      problems.add(new Problem(location, "", message));
    }
  }
}
