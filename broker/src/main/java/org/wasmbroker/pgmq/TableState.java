package org.wasmbroker.pgmq;

/**
 * What Postgres knows of a table, with all its partitions; NaN for what it does not. The rows are
 * estimates of its statistics.
 *
 * @param bytes of the table, without indexes
 * @param liveRows rows
 * @param deadRows versions of rows that vacuum has not removed yet
 * @param vacuumSeconds the time since the last vacuum, of its partitions the one that waits longest
 */
public record TableState(
    double bytes, double indexBytes, double liveRows, double deadRows, double vacuumSeconds) {
  public static final TableState UNKNOWN =
      new TableState(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
}
