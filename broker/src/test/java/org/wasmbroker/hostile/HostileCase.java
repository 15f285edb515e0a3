package org.wasmbroker.hostile;

import java.time.Duration;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;

/**
 * A hostile guest with its input, and how its step has to end.
 *
 * @param name the name in the table of docs/security.md
 * @param guest the handler's name, which is that of the case unless a server is hostile, too
 * @param input what the step is given
 * @param expectedEnd {@code completed} if the guest itself finds that it achieved nothing; else the
 *     error's type, followed by a slash and its code if it has one
 * @param message the error's message, or a part of it
 * @param timeout the step's timeout; short if the guest uses all of it
 */
record HostileCase(
    String name, String guest, Input input, String expectedEnd, String message, Duration timeout) {
  static final String COMPLETED = "completed";
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(100);

  /** An input, which may refer to servers that exist only while the steps run. */
  @FunctionalInterface
  interface Input {
    Document of(HostileServers peers);
  }

  /** The guest ends by itself, without having achieved anything forbidden. */
  static HostileCase harmless(String guest) {
    return ending(guest, COMPLETED, "");
  }

  static HostileCase ending(String guest, String end, String message) {
    return new HostileCase(guest, guest, peers -> Document.of("{}"), end, message, LONG);
  }

  /** The guest runs until its timeout. */
  static HostileCase endless(String guest) {
    return ending(guest, "limit_exceeded/time", "ms of time, the limit is " + SHORT.toMillis())
        .within(SHORT);
  }

  /** A guest that sends the request in its input. */
  static HostileCase sending(String name, String guest, Input input, String end, String message) {
    return new HostileCase(name, guest, input, end, message, LONG);
  }

  /** Whether its guest uses all of its time. */
  boolean isEndless() {
    return timeout.equals(SHORT);
  }

  /** Whether servers of the test may do work for it. */
  boolean talksToServers() {
    return guest.startsWith("http-");
  }

  /** The same end of another guest, which is made of this one. */
  HostileCase of(String other) {
    return new HostileCase(other, other, input, expectedEnd, message, timeout);
  }

  private HostileCase within(Duration shorter) {
    return new HostileCase(name, guest, input, expectedEnd, message, shorter);
  }

  /** How a step ended, in the form of {@link #expectedEnd}. */
  static String end(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> COMPLETED;
      case Outcome.Failed failed -> end(failed.error());
      case Outcome.Retry retry -> end(retry.error());
    };
  }

  /** The error message of a step; empty if it completed. */
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
    return name;
  }
}
