package org.wasmbroker.recording;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.WireName;
import tools.jackson.databind.JsonNode;

/**
 * An object of a line of a recording. What is missing or wrong ends the reading: a recording is
 * written by programs, and is of use only if all of it is right.
 */
final class LineObject {
  private static final int MAX_ELEMENTS = 100_000;

  private final DocumentValue value;
  private final ObjectReader object;

  LineObject(DocumentValue value) throws UnusableRecordingException {
    this.value = value;
    this.object = value.object();
    require();
  }

  /** Throws if a problem was found. */
  private void require() throws UnusableRecordingException {
    if (value.document().hasProblems()) {
      throw new UnusableRecordingException(Problem.join(value.document().problems()));
    }
  }

  private <T> T present(String name, @Nullable T member) throws UnusableRecordingException {
    require();
    if (member == null) {
      object.problem(name, "is missing");
      require();
      throw new IllegalStateException(name);
    }
    return member;
  }

  boolean has(String name) {
    return object.has(name);
  }

  String text(String name) throws UnusableRecordingException {
    return present(name, object.string(name));
  }

  @Nullable String textIfAny(String name) throws UnusableRecordingException {
    return has(name) ? text(name) : null;
  }

  /**
   * @param parse throws an {@link IllegalArgumentException} or a {@link
   *     java.time.format.DateTimeParseException} that says what is wrong
   */
  <T> T value(String name, Function<String, T> parse) throws UnusableRecordingException {
    return present(
        name,
        object.value(
            name,
            text -> {
              try {
                return parse.apply(text);
              } catch (DateTimeException | ArithmeticException invalid) {
                throw new IllegalArgumentException("is not valid", invalid);
              }
            }));
  }

  <T> @Nullable T valueIfAny(String name, Function<String, T> parse)
      throws UnusableRecordingException {
    return has(name) ? value(name, parse) : null;
  }

  <E extends Enum<E>> E oneOf(String name, Class<E> type) throws UnusableRecordingException {
    return value(
        name,
        text ->
            Arrays.stream(type.getEnumConstants())
                .filter(each -> WireName.of(each).equals(text))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "must be one of "
                                + Arrays.stream(type.getEnumConstants())
                                    .map(WireName::of)
                                    .collect(Collectors.joining(", ")))));
  }

  long number(String name, long min, long max) throws UnusableRecordingException {
    return present(name, object.integer(name, min, max));
  }

  boolean flag(String name) throws UnusableRecordingException {
    return present(name, object.json(name, JsonNode::isBoolean, "true or false")).booleanValue();
  }

  LineObject object(String name) throws UnusableRecordingException {
    return new LineObject(present(name, object.member(name)));
  }

  /** The elements of an array. */
  List<DocumentValue> array(String name) throws UnusableRecordingException {
    present(name, object.member(name));
    var elements = object.array(name, MAX_ELEMENTS, Optional::of);
    require();
    return elements;
  }

  List<String> texts(String name) throws UnusableRecordingException {
    var texts = array(name).stream().map(each -> each.parse(Function.identity())).toList();
    require();
    return texts.stream().map(String::valueOf).toList();
  }

  Document bytes(String name) throws UnusableRecordingException {
    var holder = object(name);
    var bytes =
        holder.has("text")
            ? Document.of(holder.text("text"))
            : Document.of(holder.<byte[]>value("base64", Base64.getDecoder()::decode));
    holder.finish();
    return bytes;
  }

  @Nullable Document bytesIfAny(String name) throws UnusableRecordingException {
    return has(name) ? bytes(name) : null;
  }

  /** The numbers of an object, whose members have any names. */
  Map<String, Long> numbers(String name) throws UnusableRecordingException {
    var numbers = new LinkedHashMap<String, Long>();
    var holder = object(name);
    for (var member : holder.names()) {
      numbers.put(member, holder.number(member, Long.MIN_VALUE, Long.MAX_VALUE));
    }
    return numbers;
  }

  List<String> names() {
    return List.copyOf(object.entries().keySet());
  }

  Checkpoint checkpoint() throws UnusableRecordingException {
    return new Checkpoint(
        bytes("cursor"), number("items_processed", 0, Long.MAX_VALUE), bytesIfAny("accumulated"));
  }

  StepError error(String name) throws UnusableRecordingException {
    var error = object(name);
    var read =
        new StepError(
            error.text("type"),
            error.text("message"),
            error.flag("retryable"),
            error.textIfAny("code"),
            error.valueIfAny("retry_after", Duration::parse),
            error.has("backtrace") ? error.texts("backtrace") : List.of(),
            error.context());
    error.finish();
    return read;
  }

  private @Nullable ErrorContext context() throws UnusableRecordingException {
    if (has("exceeded")) {
      var exceeded = object("exceeded");
      var read =
          new ErrorContext.ExceededLimit(
              exceeded.text("limit"),
              exceeded.text("unit"),
              exceeded.number("allowed", Long.MIN_VALUE, Long.MAX_VALUE),
              exceeded.number("used", Long.MIN_VALUE, Long.MAX_VALUE));
      exceeded.finish();
      return read;
    }
    return has("context") ? new ErrorContext.Json(bytes("context")) : null;
  }

  /** Refuses members that were not read. */
  void finish() throws UnusableRecordingException {
    object.finish();
    require();
  }
}
