package org.wasmbroker.protocol;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that keeps a worker from its work.
 *
 * @param description what is wrong, a sentence without a full stop
 * @param remedy what a person can do about it, likewise
 */
public record SetupProblem(String description, String remedy) {
  /**
   * Refuses to go on where there are any.
   *
   * @param subject such as {@code the database}
   * @throws ProtocolException that names them all
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
