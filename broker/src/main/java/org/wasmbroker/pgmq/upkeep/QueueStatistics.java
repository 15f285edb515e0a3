package org.wasmbroker.pgmq.upkeep;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.QueueName;

/**
 * A queue at one moment.
 *
 * @param at the moment, by the database's clock
 * @param sent how many messages were ever sent, as far as ids tell; rolled-back ones count
 * @param depth all messages in the queue
 * @param visible those that can be claimed now
 * @param inFlight those that a reader has claimed, and whose lease has not expired
 * @param delayed those that nobody has, and that become visible later
 * @param oldest how long ago the oldest message was sent; zero if there is none
 * @param oldestVisible for how long the one has been visible that waits for longest; zero if none
 *     is
 * @param messages the queue's table
 * @param archive the table with its archived messages
 */
public record QueueStatistics(
    QueueName queue,
    Instant at,
    long sent,
    long depth,
    long visible,
    long inFlight,
    long delayed,
    Duration oldest,
    Duration oldestVisible,
    TableStatistics messages,
    TableStatistics archive) {

  /**
   * A table, with its partitions.
   *
   * @param rows an estimate, of the server's own statistics
   * @param deadRows row versions that vacuuming has not removed yet; an estimate as well
   * @param bytes with indexes and what is stored out of line
   * @param lastVacuum when it was vacuumed last, or null if never since the statistics began
   * @param partitions 0 for a table that has none
   */
  public record TableStatistics(
      long rows, long deadRows, long bytes, @Nullable Instant lastVacuum, int partitions) {}

  /** What changed from an earlier moment to this one, in messages per second. */
  public Rates since(QueueStatistics earlier) {
    double seconds = Duration.between(earlier.at, at).toNanos() / 1e9;
    if (seconds <= 0) {
      return new Rates(0, 0);
    }
    long arrived = sent - earlier.sent;
    long left = arrived - (depth - earlier.depth);
    return new Rates(Math.max(0, arrived) / seconds, Math.max(0, left) / seconds);
  }

  /**
   * @param in messages that were sent, per second
   * @param out messages that left the queue, per second
   */
  public record Rates(double in, double out) {}
}
