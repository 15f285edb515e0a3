package org.wasmbroker.step;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a step failed.
 *
 * @param type a word for programs, such as {@code limit_exceeded} or what the handler chose
 * @param message a sentence for people, with the numbers in it
 * @param retryable whether another attempt may end otherwise
 * @param code the handler's own code, or null
 * @param retryAfter the earliest sensible retry, or null for the broker's backoff
 * @param backtrace the guest's frames at a trap, innermost first; empty for all else
 * @param context more of the handler's, a JSON object, or null
 */
public record StepError(
    String type,
    String message,
    boolean retryable,
    @Nullable String code,
    @Nullable Duration retryAfter,
    List<String> backtrace,
    @Nullable Document context) {

  public static StepError permanent(String type, String message) {
    return new StepError(type, message, false, null, null, List.of(), null);
  }

  public static StepError retryable(String type, String message) {
    return new StepError(type, message, true, null, null, List.of(), null);
  }
}
