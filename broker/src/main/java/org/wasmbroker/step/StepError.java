package org.wasmbroker.step;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a step failed.
 *
 * @param type for programs, such as {@code limit_exceeded} or one of the handler's choice
 * @param message for people, with the numbers in it
 * @param retryable whether another attempt may succeed
 * @param code the handler's own code, or null
 * @param retryAfter the earliest sensible retry, or null for the broker's backoff
 * @param backtrace the guest's frames at a trap, innermost first; empty for all else
 * @param context more about the error, or null
 */
public record StepError(
    String type,
    String message,
    boolean retryable,
    @Nullable String code,
    @Nullable Duration retryAfter,
    List<String> backtrace,
    @Nullable ErrorContext context) {
  /** The type of errors whose context has the limit, its value and the use. */
  private static final String LIMIT_EXCEEDED = "limit_exceeded";

  public static StepError permanent(String type, String message) {
    return new StepError(type, message, false, null, null, List.of(), null);
  }

  /** More was used than a limit allows. */
  public static StepError limitExceeded(
      String limit, String unit, long allowed, long used, boolean retryable, String message) {
    var context = new ErrorContext.ExceededLimit(limit, unit, allowed, used);
    return new StepError(LIMIT_EXCEEDED, message, retryable, limit, null, List.of(), context);
  }

  public static StepError retryable(String type, String message) {
    return new StepError(type, message, true, null, null, List.of(), null);
  }

  /** The same error, but final. */
  public StepError withoutRetry(String reason) {
    return new StepError(type, message + "; " + reason, false, code, null, backtrace, context);
  }
}
