package org.wasmbroker.protocol;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that keeps a worker from its work.
 *
 * @param what what is wrong, a sentence without a full stop
 * @param remedy what a person can do about it, likewise
 */
public record Obstacle(String what, String remedy) {
  /**
   * Refuses to go on where there are any.
   *
   * @param where such as {@code the database}
   * @throws ProtocolException that names them all
   */
  public static void refuse(String where, List<Obstacle> obstacles) {
    if (!obstacles.isEmpty()) {
      throw new ProtocolException(
          obstacles.stream()
              .map(Obstacle::toString)
              .collect(
                  Collectors.joining("\n  ", where + " is not ready for this worker:\n  ", "")),
          false,
          null);
    }
  }

  @Override
  public String toString() {
    return what + ": " + remedy;
  }
}
