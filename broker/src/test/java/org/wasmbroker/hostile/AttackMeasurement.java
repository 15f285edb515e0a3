package org.wasmbroker.hostile;

import java.util.Locale;
import java.util.Set;

/**
 * The measured effect of an attack.
 *
 * @param seenEnds how its steps ended
 * @param aloneMillis the 99th percentile of the good steps' latencies in a turn without it, the
 *     median of the turns
 * @param duringMillis the same with the attack
 * @param memoryBefore resident memory of the process in MiB
 * @param memoryAfter the same after the attack
 */
record AttackMeasurement(
    HostileCase hostileCase,
    Set<String> seenEnds,
    double aloneMillis,
    double duringMillis,
    double memoryBefore,
    double memoryAfter) {

  boolean isWithin(double maxRatio, double maxGrowthMib) {
    return seenEnds.equals(Set.of(hostileCase.expectedEnd()))
        && ratio() <= maxRatio
        && memoryAfter - memoryBefore <= maxGrowthMib;
  }

  private double ratio() {
    return duringMillis / aloneMillis;
  }

  /** A row of the table. */
  String tableRow() {
    return String.format(
        Locale.ROOT,
        "| `%s` | `%s` | `%s` | %.2f | %.2f | %.2f | %.0f | %.0f |",
        hostileCase.name(),
        hostileCase.expectedEnd(),
        String.join("`, `", seenEnds),
        aloneMillis,
        duringMillis,
        ratio(),
        memoryBefore,
        memoryAfter);
  }
}
