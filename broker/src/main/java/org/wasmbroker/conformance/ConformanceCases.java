package org.wasmbroker.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.conformance.ConformanceCase.End;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.example.LogLine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.schema.JsonSchema;
import tools.jackson.databind.JsonNode;

/** Reads the cases of the kit, which are resources of the broker: a mistake in one is a fault. */
final class ConformanceCases {
  private static final List<String> FILES = List.of("documents.json", "ends.json", "host.json");
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 1 << 20, 100);
  private static final int MAX_CASES = 1000;
  private static final int MAX_TIMES = 1_000_000;

  private final Set<String> names = new HashSet<>();

  private ConformanceCases() {}

  /** All cases, in the order in which they run. */
  static List<ConformanceCase> read() {
    var reader = new ConformanceCases();
    return FILES.stream().flatMap(file -> reader.read(file).stream()).toList();
  }

  /** The bytes of a file of the kit. */
  static byte[] resource(String file) {
    try (var stream = ConformanceCases.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("this build of the broker lacks conformance/" + file);
      }
      return stream.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private List<ConformanceCase> read(String file) {
    return read(file, resource(file));
  }

  List<ConformanceCase> read(String file, byte[] bytes) {
    var parsed = JSON.read("conformance/" + file, bytes);
    var cases = new ArrayList<ConformanceCase>();
    parsed.value().elements().forEach(value -> read(value.object()).ifPresent(cases::add));
    if (parsed.hasProblems()) {
      throw new IllegalStateException(Problem.join(parsed.problems()));
    }
    return cases;
  }

  private Optional<ConformanceCase> read(ObjectReader object) {
    var name = object.string("name");
    if (name == null || !names.add(name)) {
      object.problem("name", "is missing, or that of another case");
    }
    var config = object.json("config", JsonNode::isObject, "an object");
    var context = object.json("context", _ -> true, "any value");
    var parts = object.array("context_parts", MAX_CASES, ConformanceCases::part);
    var whole = object.string("document");
    var timeout = object.integer("timeout_ms", 1, 60_000);
    var attempts = object.integer("attempts", 1, 10);
    var ends = object.array("ends", MAX_CASES, ConformanceCases::end);
    var log = object.array("log", MAX_CASES, ConformanceCases::line);
    var notInComponents = object.string("not_in_components");
    object.finish();
    if (ends.size() != (attempts == null ? 1 : attempts)) {
      object.problem("ends", "needs one end for each attempt");
    }
    if ((whole == null) == (config == null)) {
      object.problem("needs either a document or a config");
    }
    return Optional.of(
        new ConformanceCase(
            Objects.requireNonNullElse(name, ""),
            String.valueOf(config),
            parts.isEmpty() ? String.valueOf(context) : String.join("", parts),
            whole,
            timeout == null ? null : Duration.ofMillis(timeout),
            ends,
            log,
            notInComponents));
  }

  /** A text, or one that is repeated; {@code #} in it is the number of the repetition. */
  private static Optional<String> part(DocumentValue value) {
    if (value.isText()) {
      return Optional.ofNullable(value.parse(text -> text));
    }
    var object = value.object();
    var text = Objects.requireNonNullElse(object.string("repeat"), "");
    var times = object.integer("times", 1, MAX_TIMES);
    var separator = Objects.requireNonNullElse(object.string("separator"), "");
    object.finish();
    var all = new StringBuilder();
    for (int i = 0; i < (times == null ? 0 : times); i++) {
      all.append(i == 0 ? "" : separator).append(text.replace("#", String.valueOf(i)));
    }
    return Optional.of(all.toString());
  }

  private static Optional<End> end(DocumentValue value) {
    var object = value.object();
    var echo = object.json("echo", JsonNode::isBoolean, "true");
    var schema = object.json("matches", JsonNode::isObject, "a schema");
    var result = object.json("result", _ -> true, "any value");
    var error = object.json("error", JsonNode::isObject, "an object");
    object.finish();
    if (echo != null) {
      return Optional.of(new End.Echo());
    }
    if (schema != null) {
      return Optional.of(matching(object, schema));
    }
    if ((result == null) == (error == null)) {
      object.problem("needs one of echo, matches, result and error");
      return Optional.empty();
    }
    return Optional.of(new End.Exactly(value.json()));
  }

  private static End matching(ObjectReader object, JsonNode json) {
    var schema = JsonSchema.of(json);
    if (schema.compileError() != null) {
      object.problem("matches", "cannot be used: " + schema.compileError());
    }
    return new End.Matching(schema);
  }

  private static Optional<LogLine> line(DocumentValue value) {
    var object = value.object();
    var level =
        object.value("level", text -> GuestLog.Level.valueOf(text.toUpperCase(Locale.ROOT)));
    var message = object.string("message");
    @Nullable JsonNode fields = object.json("fields", JsonNode::isObject, "an object");
    object.finish();
    return level == null || message == null
        ? Optional.empty()
        : Optional.of(new LogLine(level, message, fields == null ? null : fields.toString()));
  }
}
