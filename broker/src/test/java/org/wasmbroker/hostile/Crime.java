package org.wasmbroker.hostile;

import java.time.Duration;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;

/**
 * A hostile guest and how its step has to end.
 *
 * @param guest the handler's name
 * @param end {@code completed} where the guest itself found that it got nowhere; else the error's
 *     type, and its code after a slash where it has one
 * @param message what the error's message says, or a part of it
 * @param timeout how long the step may run; short where the guest uses all of it
 */
record Crime(String guest, String end, String message, Duration timeout) {
  static final String COMPLETED = "completed";
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(100);

  /** The guest ends by itself, having got nothing that it was not to get. */
  static Crime harmless(String guest) {
    return new Crime(guest, COMPLETED, "", LONG);
  }

  static Crime ending(String guest, String end, String message) {
    return new Crime(guest, end, message, LONG);
  }

  /** The guest runs until its time is up. */
  static Crime endless(String guest) {
    return new Crime(
        guest, "limit_exceeded/time", "ms of time, the limit is " + SHORT.toMillis(), SHORT);
  }

  /** How a step ended, in the words of {@link #end}. */
  static String end(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> COMPLETED;
      case Outcome.Failed failed -> end(failed.error());
      case Outcome.Retry retry -> end(retry.error());
    };
  }

  /** What a step that ended badly says, or nothing. */
  static String message(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> "";
      case Outcome.Failed failed -> failed.error().message();
      case Outcome.Retry retry -> retry.error().message();
    };
  }

  private static String end(StepError error) {
    return error.code() == null ? error.type() : error.type() + "/" + error.code();
  }

  @Override
  public String toString() {
    return guest;
  }
}
