package org.wasmbroker.registry.image;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much time the preparations of one module may cost: a twentieth of the time of the runs that
 * prepared themselves, and what runs saved by images. So whatever configurations come in whatever
 * order, they cost at most a twentieth more than without images, and where images pay there is
 * always enough. It starts with some credit and can be overdrawn by one preparation of each thread.
 * Of one module, so that a flood for one handler takes nothing from another. Thread-safe.
 */
final class PreparationBudget {
  private static final int SHARE = 20;
  private static final long FIRST_NANOS = 100_000_000;
  private static final long MOST_NANOS = 1_000_000_000;

  private final AtomicLong nanos = new AtomicLong(FIRST_NANOS);

  boolean allowsPreparation() {
    return nanos.getPlain() > 0;
  }

  void spend(long preparation) {
    nanos.addAndGet(-preparation);
  }

  void ranWithoutImage(long run) {
    earn(run / SHARE);
  }

  void ranWithImage(long saved) {
    earn(saved);
  }

  private void earn(long earned) {
    if (nanos.getPlain() < MOST_NANOS) {
      nanos.addAndGet(Math.min(earned, MOST_NANOS));
    }
  }
}
