package org.wasmbroker.protocol.standalone;

import java.io.StringWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The headers of a message that the broker uses. Anyone may write headers, so invalid ones are
 * treated as absent.
 *
 * @param origin the headers that are neither the broker's nor the trace's, for conditions of a
 *     rollout
 * @param failures failed attempts that were followed by another one
 * @param lostStarts claims that were lost after the step had started, as far as that was recorded
 * @param pin the module that the last failed attempt ran, or null
 */
record MessageHeaders(
    TraceContext trace, StepOrigin origin, int failures, int lostStarts, @Nullable ModulePin pin) {
  private static final String OWN = "x-wasm-broker-";
  private static final String FAILURES = "x-wasm-broker-failures";
  private static final String STARTED = "x-wasm-broker-started";
  private static final String MODULE = "x-wasm-broker-module";
  private static final Pattern PIN =
      Pattern.compile("([a-z0-9_-]{1,64})@([0-9A-Za-z.-]{1,128}) sha256:([0-9a-f]{64})");

  static final MessageHeaders NONE =
      new MessageHeaders(TraceContext.NONE, StepOrigin.NONE, 0, 0, null);

  /** Counts beyond this are not the broker's; they count as this many. */
  static final int MAX_COUNT = 1_000_000;

  /**
   * Postgres has checked the syntax. Limits on depth or on the length of numbers would hide the
   * broker's own headers behind a strange one, and with them the attempts that were made.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final int MAX_TEXT_LENGTH = 1024;
  private static final int MAX_INT_DIGITS = 10;

  /** Headers beyond this many, or longer than this, are not looked at by a rollout. */
  private static final int MAX_OTHERS = 16;

  private static final int MAX_OTHER_LENGTH = 256;

  static MessageHeaders of(@Nullable Document headers) {
    if (headers == null) {
      return NONE;
    }
    String parent = null;
    String state = null;
    int failures = 0;
    int lostStarts = 0;
    ModulePin pin = null;
    var others = Map.<String, String>of();
    try (var json = JSON.createParser(ObjectReadContext.empty(), headers.bytes())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return NONE;
      }
      for (var name = json.nextName(); name != null; name = json.nextName()) {
        var token = json.nextToken();
        switch (name) {
          case "traceparent" -> parent = text(token, json);
          case "tracestate" -> state = text(token, json);
          case FAILURES -> failures = count(token, json);
          case STARTED -> lostStarts = count(token, json);
          case MODULE -> pin = pin(text(token, json));
          default -> others = withOther(others, name, token, json);
        }
      }
    } catch (JacksonException e) {
      return NONE;
    }
    return new MessageHeaders(
        parent == null ? TraceContext.NONE : new TraceContext(parent, state),
        others.isEmpty() ? StepOrigin.NONE : new StepOrigin(null, null, others),
        failures,
        lostStarts,
        pin);
  }

  private static Map<String, String> withOther(
      Map<String, String> others, String name, @Nullable JsonToken token, JsonParser json) {
    if (token != JsonToken.VALUE_STRING || others.size() == MAX_OTHERS || name.startsWith(OWN)) {
      json.skipChildren();
      return others;
    }
    var value = json.getString();
    if (name.length() > MAX_OTHER_LENGTH || value.length() > MAX_OTHER_LENGTH) {
      return others;
    }
    var more = others.isEmpty() ? new HashMap<String, String>() : others;
    more.put(name.toLowerCase(Locale.ROOT), value);
    return more;
  }

  /** The headers of a result: the trace context of the step, or null if it has none. */
  static @Nullable String ofResult(TraceContext trace) {
    if (trace.traceparent() == null) {
      return null;
    }
    var text = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("traceparent", trace.traceparent());
      if (trace.tracestate() != null) {
        json.writeStringProperty("tracestate", trace.tracestate());
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  /**
   * What a suspect's headers have while it runs: if its claim is lost, it counts as started once
   * more. Every other end of the claim takes that back.
   */
  static String ofStart(MessageClaim claim) {
    return "{\"%s\":%d}".formatted(STARTED, claim.lostStarts() + 1);
  }

  /**
   * The changes to the headers of a step that failed and is retried.
   *
   * @param module what it ran, which the next attempt runs as well; null if it came to no run
   */
  static String ofRetry(MessageClaim claim, @Nullable ModuleId module) {
    int failures = claim.headers().failures() + 1;
    var suspect = claim.isSuspect() ? ",\"%s\":%d".formatted(STARTED, claim.lostStarts()) : "";
    var pin =
        module == null
            ? ""
            : ",\"%s\":\"%s@%s sha256:%s\""
                .formatted(MODULE, module.handler(), module.version(), module.digest());
    return "{\"%s\":%d%s%s}".formatted(FAILURES, failures, suspect, pin);
  }

  private static @Nullable ModulePin pin(@Nullable String text) {
    var parts = text == null ? null : PIN.matcher(text);
    if (parts == null || !parts.matches()) {
      return null;
    }
    try {
      var module = new ModuleId(parts.group(1), parts.group(2), new Digest(parts.group(3)));
      return ModulePin.of(module, false); // this protocol saves no checkpoints
    } catch (IllegalArgumentException notOurs) {
      return null;
    }
  }

  /** The changes to the headers of a step that is released; null for none. */
  static @Nullable String ofRelease(MessageClaim claim) {
    return claim.isSuspect() ? "{\"%s\":%d}".formatted(STARTED, claim.lostStarts()) : null;
  }

  private static @Nullable String text(@Nullable JsonToken token, JsonParser json) {
    if (token != JsonToken.VALUE_STRING) {
      json.skipChildren();
      return null;
    }
    var text = json.getString();
    return text.length() > MAX_TEXT_LENGTH ? null : text;
  }

  /** A count from 0 to {@link #MAX_COUNT}; what is no integer counts as 0. */
  private static int count(@Nullable JsonToken token, JsonParser json) {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      json.skipChildren();
      return 0;
    }
    var digits = json.getString();
    if (digits.startsWith("-")) {
      return 0;
    }
    return digits.length() > MAX_INT_DIGITS
        ? MAX_COUNT
        : (int) Math.min(MAX_COUNT, Long.parseLong(digits));
  }
}
