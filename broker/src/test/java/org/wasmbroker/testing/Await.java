package org.wasmbroker.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waits for what no one announces, without using up a processor that others need to get there. */
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** Far away: only a test that has failed waits so long. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private Await() {}

  /** What may be true. */
  @FunctionalInterface
  public interface Condition<E extends Exception> {
    boolean holds() throws E;
  }

  /**
   * Waits until the condition holds.
   *
   * @param what follows "not in five minutes: "
   */
  public static <E extends Exception> void until(String what, Condition<E> condition) throws E {
    value(what, () -> condition.holds() ? Optional.of(true) : Optional.empty());
  }

  /** What may be there. */
  @FunctionalInterface
  public interface Source<T, E extends Exception> {
    Optional<T> look() throws E;
  }

  /**
   * Waits until there is a value.
   *
   * @param what follows "not in five minutes: "
   */
  public static <T, E extends Exception> T value(String what, Source<T, E> source) throws E {
    long began = System.nanoTime();
    var found = source.look();
    while (found.isEmpty()) {
      if (System.nanoTime() - began > LIMIT.toNanos()) {
        throw new AssertionError("not in " + LIMIT.toMinutes() + " minutes: " + what);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
      found = source.look();
    }
    return found.orElseThrow();
  }
}
