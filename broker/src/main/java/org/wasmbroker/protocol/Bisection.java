package org.wasmbroker.protocol;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch that the database takes or refuses as a whole. A batch that is refused because of
 * some of its entries is split in halves until those entries are isolated, so that all others are
 * written.
 */
public final class Bisection {
  private Bisection() {}

  /** Writes all or none. */
  @FunctionalInterface
  public interface Attempt<T, F> {
    /** Why the batch was refused; null when it was written. */
    @Nullable F write(List<T> batch);
  }

  /** Takes what could not be written. */
  @FunctionalInterface
  public interface Refusal<T, F> {
    void refused(List<T> batch, F failure);
  }

  /**
   * @param separable whether a failure may be caused by single entries; a batch that fails in any
   *     other way is not split
   * @param refusal called with each single entry that is refused, and with each batch whose failure
   *     is not separable
   */
  public static <T, F> void write(
      List<T> batch, Attempt<T, F> attempt, Predicate<F> separable, Refusal<T, F> refusal) {
    var failure = attempt.write(batch);
    if (failure == null) {
      return;
    }
    if (batch.size() == 1 || !separable.test(failure)) {
      refusal.refused(batch, failure);
      return;
    }
    int half = batch.size() / 2;
    write(batch.subList(0, half), attempt, separable, refusal);
    write(batch.subList(half, batch.size()), attempt, separable, refusal);
  }
}
