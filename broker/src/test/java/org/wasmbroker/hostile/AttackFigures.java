package org.wasmbroker.hostile;

import java.util.Locale;
import java.util.Set;

/**
 * What an attack did.
 *
 * @param seen how its steps ended
 * @param aloneMillis the 99th percentile of the good steps' latencies in a turn without it, the
 *     median of the turns
 * @param besideMillis and with it
 * @param memoryBefore resident memory of the process in MiB
 * @param memoryAfter the same when the attack was over
 */
record AttackFigures(
    Crime crime,
    Set<String> seen,
    double aloneMillis,
    double besideMillis,
    double memoryBefore,
    double memoryAfter) {

  boolean holds(double mostRatio, double mostGrowth) {
    return seen.equals(Set.of(crime.end()))
        && ratio() <= mostRatio
        && memoryAfter - memoryBefore <= mostGrowth;
  }

  private double ratio() {
    return besideMillis / aloneMillis;
  }

  /** A row of the table. */
  String line() {
    return String.format(
        Locale.ROOT,
        "| `%s` | `%s` | `%s` | %.2f | %.2f | %.2f | %.0f | %.0f |",
        crime.name(),
        crime.end(),
        String.join("`, `", seen),
        aloneMillis,
        besideMillis,
        ratio(),
        memoryBefore,
        memoryAfter);
  }
}
