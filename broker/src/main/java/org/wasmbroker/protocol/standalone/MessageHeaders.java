package org.wasmbroker.protocol.standalone;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.DocumentWriter;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The headers of a message that the broker uses. Anyone may write headers, so invalid ones are
 * treated as absent.
 *
 * @param origin the headers that are neither the broker's nor the trace's, for conditions of a
 *     rollout
 * @param failures failed attempts that were followed by another one
 * @param suspect whether a claim was lost before: it has a count of lost starts, which may be 0
 * @param lostStarts claims that were lost after the step had started, as far as that was recorded
 * @param pin the module that the last failed attempt ran, or null
 * @param generation 0 of a step that a client sent, 1 of one that such a step asked for, and so on
 */
record MessageHeaders(
    TraceContext trace,
    StepOrigin origin,
    int failures,
    boolean suspect,
    int lostStarts,
    @Nullable ModulePin pin,
    int generation) {
  private static final String OWN = "x-wasm-broker-";
  private static final String FAILURES = "x-wasm-broker-failures";
  private static final String STARTED = "x-wasm-broker-started";
  private static final String MODULE = "x-wasm-broker-module";

  private static final String GENERATION = "x-wasm-broker-generation";

  static final MessageHeaders NONE =
      new MessageHeaders(TraceContext.NONE, StepOrigin.NONE, 0, false, 0, null, 0);

  /** Counts beyond this are not the broker's; they count as this many. */
  static final int MAX_COUNT = 1_000_000;

  /** What a header has that is absent or no count. */
  private static final int NO_COUNT = -1;

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
    int lostStarts = NO_COUNT;
    ModulePin pin = null;
    int generation = 0;
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
          case FAILURES -> failures = Math.max(0, count(token, json));
          case STARTED -> lostStarts = count(token, json);
          case GENERATION -> generation = Math.max(0, count(token, json));
          case MODULE -> pin = ModulePin.parse(text(token, json), false); // no checkpoints here
          default -> others = withOther(others, name, token, json);
        }
      }
    } catch (JacksonException e) {
      return NONE;
    }
    return new MessageHeaders(
        TraceContext.read(parent, state),
        others.isEmpty() ? StepOrigin.NONE : new StepOrigin(null, null, others),
        failures,
        lostStarts != NO_COUNT,
        Math.max(0, lostStarts),
        pin,
        generation);
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
  static @Nullable Document ofResult(TraceContext trace) {
    if (trace.traceparent() == null) {
      return null;
    }
    return DocumentWriter.object(
        json -> {
          json.member("traceparent", trace.traceparent());
          if (trace.tracestate() != null) {
            json.member("tracestate", trace.tracestate());
          }
        });
  }

  /** The headers of a step that a step asked for. */
  static Document ofNewStep(MessageHeaders parent, TraceContext trace) {
    return DocumentWriter.object(
        json -> {
          if (trace.traceparent() != null) {
            json.member("traceparent", trace.traceparent());
            if (trace.tracestate() != null) {
              json.member("tracestate", trace.tracestate());
            }
          }
          json.member(GENERATION, parent.generation() + 1L);
        });
  }

  /**
   * What a suspect's headers have while it runs: if its claim is lost, it counts as started once
   * more. Every other end of the claim takes that back, and leaves the count, by which the step
   * remains a suspect though the queue no longer tells that a claim was lost.
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
    var pin = module == null ? "" : ",\"%s\":\"%s\"".formatted(MODULE, ModulePin.text(module));
    return "{\"%s\":%d%s%s}".formatted(FAILURES, failures, suspect, pin);
  }

  /** The changes to the headers of a step that is released, see {@link #ofStart}; null for none. */
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

  /** A count from 0 to {@link #MAX_COUNT}, or {@link #NO_COUNT}. */
  private static int count(@Nullable JsonToken token, JsonParser json) {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      json.skipChildren();
      return NO_COUNT;
    }
    var digits = json.getString();
    if (digits.startsWith("-")) {
      return NO_COUNT;
    }
    return digits.length() > MAX_INT_DIGITS
        ? MAX_COUNT
        : (int) Math.min(MAX_COUNT, Long.parseLong(digits));
  }
}
