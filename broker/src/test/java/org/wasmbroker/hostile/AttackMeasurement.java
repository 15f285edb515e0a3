package org.wasmbroker.hostile;

import java.util.Locale;
import java.util.Set;

/**
 * The measured effect of an attack.
 *
 * @param seenEnds how its steps ended
 * @param alone of the good steps in turns without it: the median of the turns
 * @param during the same with the attack
 * @param memoryBefore resident memory of the process in MiB
 * @param memoryAfter the same after the attack
 */
record AttackMeasurement(
    HostileCase hostileCase,
    Set<String> seenEnds,
    Latency alone,
    Latency during,
    double memoryBefore,
    double memoryAfter) {

  boolean isWithin(double maxRatio, double maxGrowthMib) {
    return seenEnds.equals(Set.of(hostileCase.expectedEnd()))
        && queuedRatio() <= maxRatio
        && dispatchedRatio() <= maxRatio
        && memoryAfter - memoryBefore <= maxGrowthMib;
  }

  private double queuedRatio() {
    return during.queuedMillis() / alone.queuedMillis();
  }

  private double dispatchedRatio() {
    return during.dispatchedMillis() / alone.dispatchedMillis();
  }

  /** A row of the table. */
  String tableRow() {
    return String.format(
        Locale.ROOT,
        "| `%s` | `%s` | `%s` | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f | %.0f |",
        hostileCase.name(),
        hostileCase.expectedEnd(),
        String.join("`, `", seenEnds),
        alone.queuedMillis(),
        during.queuedMillis(),
        queuedRatio(),
        alone.dispatchedMillis(),
        during.dispatchedMillis(),
        dispatchedRatio(),
        memoryBefore,
        memoryAfter);
  }
}
