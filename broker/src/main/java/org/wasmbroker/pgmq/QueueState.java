package org.wasmbroker.pgmq;

/**
 * How full a queue is; NaN for what could not be read.
 *
 * @param depth all messages; exact up to {@link QueueInspector#COUNTED}, above that Postgres'
 *     estimate
 * @param inFlight messages that were read and are hidden from others
 * @param delayed messages that nobody has and that become visible later, such as retries
 * @param oldestSeconds the age of the oldest message; 0 if there is none
 * @param oldestVisibleSeconds for how long the message that has been visible for longest has been
 *     so; 0 if none is visible
 */
public record QueueState(
    double depth,
    double inFlight,
    double delayed,
    double oldestSeconds,
    double oldestVisibleSeconds) {
  public static final QueueState UNKNOWN =
      new QueueState(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  /** Messages that could be read now. */
  public double visible() {
    return Math.max(0, depth - inFlight - delayed);
  }
}
