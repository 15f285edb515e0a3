package org.wasmbroker.step;

import java.util.HashSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context of a step: the one that came with it, or that of the broker's own span.
 *
 * @param traceparent header {@code traceparent}, or null when there is none
 * @param tracestate header {@code tracestate}, or null when there is none
 * @param received the {@code traceparent} of the broker's span of the claim that brought the step,
 *     or null
 */
public record TraceContext(
    @Nullable String traceparent, @Nullable String tracestate, @Nullable String received) {
  public static final TraceContext NONE = new TraceContext(null, null);

  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  private static final Pattern PARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final int MAX_STATE_LENGTH = 512;
  private static final int MAX_STATE_MEMBERS = 32;
  private static final Pattern STATE_MEMBER =
      Pattern.compile(
          "([a-z0-9][a-z0-9_*/@-]{0,255})=[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}"
              + "[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]");
  private static final Pattern SPACE = Pattern.compile("[ \\t]*,[ \\t]*");

  public TraceContext(@Nullable String traceparent, @Nullable String tracestate) {
    this(traceparent, tracestate, null);
  }

  /**
   * The context in headers that anyone may have written. One that is not valid is none, as the
   * specification wants it; a {@code tracestate} that is not valid is dropped alone. A later
   * version than 00 is read as far as 00 goes.
   */
  public static TraceContext read(@Nullable String traceparent, @Nullable String tracestate) {
    if (traceparent == null || !isValid(traceparent)) {
      return NONE;
    }
    return new TraceContext(
        traceparent.startsWith("00") ? traceparent : "00" + traceparent.substring(2, LENGTH),
        tracestate == null || !isValidState(tracestate) ? null : tracestate);
  }

  private static boolean isValid(String parent) {
    if (parent.length() < LENGTH || !PARENT.matcher(parent).region(0, LENGTH).matches()) {
      return false;
    }
    return parent.length() == LENGTH || (!parent.startsWith("00") && parent.charAt(LENGTH) == '-');
  }

  private static boolean isValidState(String state) {
    if (state.length() > MAX_STATE_LENGTH) {
      return false;
    }
    var keys = new HashSet<String>();
    for (var member : SPACE.split(state.strip(), -1)) {
      var parts = STATE_MEMBER.matcher(member);
      if (!member.isEmpty() && (!parts.matches() || !keys.add(parts.group(1)))) {
        return false;
      }
    }
    return !keys.isEmpty() && keys.size() <= MAX_STATE_MEMBERS;
  }

  /** The same context, of a step that a claim brought. */
  public TraceContext receivedBy(@Nullable String claimSpan) {
    return new TraceContext(traceparent, tracestate, claimSpan);
  }

  /** The context of the broker's span of the claim; {@link #NONE} if there is none. */
  public TraceContext claim() {
    return received == null ? NONE : new TraceContext(received, null);
  }

  /** The same trace, with another span in it or the first. */
  public TraceContext with(String span) {
    return new TraceContext(span, tracestate, received);
  }

  /** 32 hexadecimal digits, or null without a valid context. */
  public @Nullable String traceId() {
    return traceparent != null && hasIds(traceparent)
        ? traceparent.substring(TRACE_ID, SPAN_ID - 1)
        : null;
  }

  /** 16 hexadecimal digits, or null without a valid context. */
  public @Nullable String spanId() {
    return traceparent != null && hasIds(traceparent)
        ? traceparent.substring(SPAN_ID, FLAGS - 1)
        : null;
  }

  /** Whether the trace is recorded, as far as whoever began it has decided. */
  public boolean isSampled() {
    return traceparent != null
        && hasIds(traceparent)
        && (Character.digit(traceparent.charAt(LENGTH - 1), 16) & 1) == 1;
  }

  private static boolean hasIds(String parent) {
    return parent.length() == LENGTH;
  }
}
