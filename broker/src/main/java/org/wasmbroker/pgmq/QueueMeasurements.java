package org.wasmbroker.pgmq;

import java.util.Collection;
import java.util.Map;

/** Where the measurements of queues come from. */
public interface QueueMeasurements {
  /**
   * Counts the messages of a queue.
   *
   * @param estimate how many there are if they are too many to count
   * @throws SqlFailure if the queue does not exist or must not be read, or it takes too long
   */
  QueueState queue(QueueName queue, double estimate);

  /**
   * The tables of PGMQ with these names, such as {@code q_catalog_queue}; those that do not exist
   * are omitted. Partitions count as their table.
   *
   * @throws SqlFailure if that cannot be read now
   */
  Map<String, TableState> tables(Collection<String> names);

  /**
   * How far back the database has to keep dead rows.
   *
   * @throws SqlFailure if that cannot be read now
   */
  HorizonState horizon();
}
