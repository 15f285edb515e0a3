package org.wasmbroker.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;
import org.wasmbroker.protocol.standalone.deadletter.StoredLetter;
import org.wasmbroker.step.SafeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Shows one dead letter. */
@Command(
    name = "show",
    description = {
      "Show one dead letter: how its step died, what ran, the message, and its headers.",
      "One that was replayed or discarded is shown from the archive, with who did that and when."
    },
    mixinStandardHelpOptions = true)
final class DlqShowCommand implements Callable<Integer> {
  private static final int MAX_TEXT = 2_000;

  /** Postgres has parsed it; how deep it goes is its sender's choice. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final DlqSetup setup = new DlqSetup();

  @Parameters(paramLabel = "ID", description = "The letter's id, as dlq list shows it.")
  private long id;

  @Option(
      names = "--json",
      description = "Print one JSON document, with the letter and its headers as they are.")
  private boolean json;

  @Override
  public Integer call() {
    var config = setup.load(options);
    var console = Console.of(Objects.requireNonNull(spec));
    try (var database = DlqSetup.open(config)) {
      var queue = config.queue().deadLetters();
      var found = new LetterSearch(database, queue).find(id);
      if (found.isEmpty()) {
        console.error("there is no dead letter %d on %s or in its archive".formatted(id, queue));
        return ExitCode.FAILED;
      }
      var letter = found.orElseThrow();
      if (json) {
        console.line(JsonText.printable(document(letter)));
      } else {
        print(console, letter);
      }
      return ExitCode.OK;
    }
  }

  /** The letter and its headers are JSON already, so they are not read: their depth is unknown. */
  private static String document(StoredLetter letter) {
    return "{\"summary\":%s,\"archived\":%s,\"bytes\":%d,\"letter\":%s,\"headers\":%s}"
        .formatted(
            JSON.writeValueAsString(LetterView.json(letter.summary())),
            letter.archived(),
            letter.bytes(),
            letter.letter(),
            letter.headers());
  }

  private static void print(Console console, StoredLetter stored) {
    var letter = stored.summary();
    var document = read(stored.letter());
    var error = document.path("last_error");
    var receipt = document.path("receipt");
    var rows = new LinkedHashMap<String, @Nullable Object>();
    rows.put("dead letter", letter.id() + (stored.archived() ? " (in the archive)" : ""));
    rows.put("died", "%s, %s ago".formatted(letter.at(), LetterView.age(letter.age())));
    rows.put("reason", safe(letter.reason()));
    rows.put("detail", text(document.path("detail")));
    rows.put("attempts", letter.attempts());
    rows.put("replays before", letter.replays() == 0 ? null : letter.replays());
    rows.put("given up by", text(document.path("worker_id")));
    rows.put("error type", error.isObject() ? safe(letter.errorType()) : null);
    rows.put("error", text(error.path("message")));
    rows.put("error context", text(error.path("context")));
    rows.put("backtrace", text(error.path("backtrace")));
    rows.put("step", safe(letter.step()));
    rows.put("handler", safe(letter.handler()));
    rows.put("ran version", safe(letter.version()));
    rows.put("ran digest", safe(letter.digest()));
    rows.put("run", run(receipt));
    rows.put("recording", text(receipt.path("recording")));
    rows.put("enqueued", text(document.path("enqueued_at")));
    rows.put("message id", text(document.path("msg_id")));
    rows.put("held until", letter.heldUntil());
    rows.put("message", message(stored, document));
    rows.put("headers", stored.headers() == null ? null : safe(stored.headers()));
    new DocumentPrinter(console).rows(rows);
    if (stored.bytes() > MAX_TEXT) {
      console.error("long texts are cut; --json prints all of it");
    }
  }

  private static @Nullable String run(JsonNode receipt) {
    return receipt.isObject()
        ? "%s, %s of memory, %s in, %s out"
            .formatted(
                HumanFormat.duration(Duration.ofNanos(receipt.path("execution_ns").asLong(0))),
                HumanFormat.bytes(receipt.path("memory_high_water_bytes").asLong(0)),
                HumanFormat.bytes(receipt.path("bytes_in").asLong(0)),
                HumanFormat.bytes(receipt.path("bytes_out").asLong(0)))
        : null;
  }

  private static @Nullable String message(StoredLetter stored, JsonNode document) {
    var message = document.path("message");
    if (!message.isMissingNode()) {
      return safe(message.toString());
    }
    return stored.letter() == null
        ? "too large to be shown: %s".formatted(HumanFormat.bytes(stored.bytes()))
        : safe(stored.letter());
  }

  /** What cannot be read is shown as it is. */
  private static JsonNode read(@Nullable String letter) {
    try {
      return letter == null ? JSON.missingNode() : JSON.readTree(letter);
    } catch (JacksonException tooDeep) {
      return JSON.missingNode();
    }
  }

  private static @Nullable String text(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    return safe(node.isString() ? node.stringValue() : node.toString());
  }

  private static @Nullable String safe(@Nullable String text) {
    return text == null ? null : SafeText.sanitize(text, MAX_TEXT);
  }
}
