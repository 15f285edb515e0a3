package org.wasmbroker.pgmq;

/**
 * What keeps vacuum from removing dead rows; NaN for what cannot be read.
 *
 * @param oldestSeconds the age of the oldest transaction in the database, prepared ones included;
 *     NaN without the role {@code pg_read_all_stats}
 * @param transactions how many transactions began since the oldest one that somebody still needs;
 *     without that role only those that write are seen
 */
public record HorizonState(double oldestSeconds, double transactions) {
  public static final HorizonState UNKNOWN = new HorizonState(Double.NaN, Double.NaN);
}
