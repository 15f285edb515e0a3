package org.wasmbroker.protocol;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A queue whose messages are the steps themselves, and are leased. */
public interface LeasedStepQueue extends StepQueue {
  /** Advances time: every lease expires and every delay elapses. */
  void expireLeasesAndDelays();

  /** The reasons of the dead letters. */
  List<String> deadLetters();

  @Override
  default List<UUID> ready(int steps, int maxAttempts) {
    var ready = Stream.generate(UUID::randomUUID).limit(steps).toList();
    ready.forEach(id -> send(message(id, maxAttempts)));
    return ready;
  }

  /** The message that is this step. */
  static String message(UUID id, int maxAttempts) {
    return "{\"step_uuid\":\"%s\",\"handler\":\"echo\",\"max_attempts\":%d}"
        .formatted(id, maxAttempts);
  }

  @Override
  default void expireLostClaims() {
    expireLeasesAndDelays();
  }

  @Override
  default void processReports() {}

  @Override
  default void makeRetriesDue() {
    expireLeasesAndDelays();
  }

  @Override
  default int rejected() {
    return Math.toIntExact(deadLetters().stream().filter("invalid"::equals).count());
  }
}
