package org.wasmbroker.hostile;

import java.time.Duration;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;

/**
 * What a hostile guest does, and how its step has to end.
 *
 * @param name as the table of docs/security.md calls it
 * @param guest the handler's name, which is the crime's own unless a server is hostile too
 * @param input what the step is given
 * @param expectedEnd {@code completed} where the guest itself found that it got nowhere; else the
 *     error's type, and its code after a slash where it has one
 * @param message what the error's message says, or a part of it
 * @param timeout how long the step may run; short where the guest uses all of it
 */
record HostileCase(
    String name, String guest, Input input, String expectedEnd, String message, Duration timeout) {
  static final String COMPLETED = "completed";
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(100);

  /** An input, which may name servers that are there only when the steps run. */
  @FunctionalInterface
  interface Input {
    Document of(HostileServers peers);
  }

  /** The guest ends by itself, having got nothing that it was not to get. */
  static HostileCase harmless(String guest) {
    return ending(guest, COMPLETED, "");
  }

  static HostileCase ending(String guest, String end, String message) {
    return new HostileCase(guest, guest, peers -> Document.of("{}"), end, message, LONG);
  }

  /** The guest runs until its time is up. */
  static HostileCase endless(String guest) {
    return ending(guest, "limit_exceeded/time", "ms of time, the limit is " + SHORT.toMillis())
        .within(SHORT);
  }

  /** A guest that sends what its input says. */
  static HostileCase sending(String name, String guest, Input input, String end, String message) {
    return new HostileCase(name, guest, input, end, message, LONG);
  }

  /** Whether servers of the test may have to work for it. */
  boolean talksToServers() {
    return guest.startsWith("http-");
  }

  private HostileCase within(Duration shorter) {
    return new HostileCase(name, guest, input, expectedEnd, message, shorter);
  }

  /** How a step ended, in the words of {@link #expectedEnd}. */
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
    return name;
  }
}
