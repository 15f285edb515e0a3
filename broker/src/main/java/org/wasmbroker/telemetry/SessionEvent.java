package org.wasmbroker.telemetry;

import java.util.List;

/** Something that happened in a client's session of files and command lines. */
public sealed interface SessionEvent extends BrokerEvent {
  /**
   * A request was answered.
   *
   * @param type one of the types of requests, or {@code other}
   */
  record Request(String type, Outcome outcome) implements SessionEvent {}

  /**
   * How many sessions there are in this process.
   *
   * @param types that requests may have
   */
  record Sessions(int open, List<String> types) implements SessionEvent {
    public Sessions {
      types = List.copyOf(types);
    }
  }

  /** How a request was answered. */
  enum Outcome {
    /** With a result, whatever the exit code of its command line is. */
    ANSWERED,
    ERROR,
    CANCELLED
  }
}
