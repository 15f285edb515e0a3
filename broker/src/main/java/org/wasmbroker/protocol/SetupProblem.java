package org.wasmbroker.protocol;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that prevents a worker from starting.
 *
 * @param description what is wrong, a sentence without a full stop
 * @param remedy how to fix it, likewise
 */
public record SetupProblem(String description, String remedy) {
  /**
   * Throws if the list is not empty.
   *
   * @param subject such as {@code the database}
   * @throws ProtocolException with all of them
   */
  public static void throwIfAny(String subject, List<SetupProblem> problems) {
    if (!problems.isEmpty()) {
      throw new ProtocolException(
          problems.stream()
              .map(SetupProblem::toString)
              .collect(
                  Collectors.joining("\n  ", subject + " is not ready for this worker:\n  ", "")),
          ProtocolException.Kind.PERMANENT,
          null);
    }
  }

  @Override
  public String toString() {
    return description + ": " + remedy;
  }
}
