package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * A queue whose messages are owned from the moment they are read until they leave it, are requeued,
 * or are read again. PGMQ's own functions identify messages by {@code msg_id} alone and so cannot
 * distinguish one reader from the next; these statements on the queue's tables use ({@code msg_id},
 * {@code read_ct}), which no two reads share. A requeued message has {@code last_read_at} null, so
 * that no late statement of its former owner matches it.
 *
 * <p>Each method is one statement, one round trip, and so one transaction. Every method throws
 * {@link SqlFailure}. Thread-safe.
 */
public final class LeasedQueue {
  private final Database database;
  private final QueueName queue;
  private final QueueName deadLetters;
  private final String claim;
  private final String renew;
  private final String complete;
  private final String completeAndSend;
  private final String release;
  private final String setHeaders;

  /**
   * @param results the queue for results
   * @param deadLetters the queue for messages that cannot be processed any further
   * @param archives whether messages that ended are kept in the queue's archive. Without it, {@link
   *     #complete} returns a lease as lost if it was completed before.
   */
  public LeasedQueue(
      Database database,
      QueueName queue,
      QueueName results,
      QueueName deadLetters,
      boolean archives) {
    this.database = database;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.claim = LeasedQueueSql.claim(queue);
    this.renew = LeasedQueueSql.renew(queue);
    this.complete = LeasedQueueSql.complete(queue, results, deadLetters, archives, false);
    this.completeAndSend = LeasedQueueSql.complete(queue, results, deadLetters, archives, true);
    this.release = LeasedQueueSql.release(queue);
    this.setHeaders = LeasedQueueSql.setHeaders(queue);
  }

  /** Claims visible messages, oldest first, for the duration of the lease. */
  public List<LeasedMessage> claim(Duration lease, int maxMessages) {
    return database.call(
        "claim from queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, claim)) {
            statement.setInt(1, maxMessages);
            statement.setLong(2, lease.toMillis());
            return readMessages(statement);
          }
        });
  }

  private static List<LeasedMessage> readMessages(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var messages = new ArrayList<LeasedMessage>();
      while (rows.next()) {
        messages.add(
            new LeasedMessage(
                new Lease(rows.getLong(1), rows.getInt(2)),
                rows.getBoolean(3),
                rows.getObject(4, OffsetDateTime.class).toInstant(),
                Pgmq.json(rows, 5),
                Pgmq.json(rows, 6)));
      }
      // The order of the rows of an UPDATE is undefined.
      messages.sort(Comparator.comparingLong(message -> message.lease().messageId()));
      return messages;
    }
  }

  /**
   * Dead-letters those of the oldest visible messages that are too long to be read; for a claim
   * that failed because of its data.
   *
   * @param deadLetter a JSON object
   * @return how many
   */
  public int setUnreadableAside(int atMost, String deadLetter) {
    return database.call(
        "set messages aside in queue " + queue,
        connection ->
            UnreadableMessages.setAside(
                database, connection, queue, deadLetters, atMost, deadLetter));
  }

  /**
   * Extends the leases to {@code lease} from now.
   *
   * @return those that were already lost
   */
  public Set<Lease> renew(Collection<Lease> leases, Duration lease) {
    return database.call(
        "renew leases in queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, renew)) {
            setLeases(connection, statement, 1, leases);
            statement.setLong(3, lease.toMillis());
            return readLost(statement);
          }
        });
  }

  /**
   * Ends some messages, sending what follows from them, and requeues others: all or none.
   *
   * @return the leases that were already lost, whose messages were not changed
   */
  public Set<Lease> complete(List<Archival> archivals, List<Requeue> requeues) {
    boolean sends = archivals.stream().anyMatch(archival -> archival.newMessages() != null);
    return database.call(
        "report to queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sends ? completeAndSend : complete)) {
            setLeases(connection, statement, 1, archivals.stream().map(Archival::lease).toList());
            setDocuments(connection, statement, 3, archivals, Archival::result);
            setDocuments(connection, statement, 4, archivals, Archival::resultHeaders);
            setDocuments(connection, statement, 5, archivals, Archival::deadLetter);
            int next = 6;
            if (sends) {
              setDocuments(connection, statement, 6, archivals, Archival::newMessages);
              setDocuments(connection, statement, 7, archivals, Archival::newHeaders);
              next = 8;
            }
            setLeases(connection, statement, next, requeues.stream().map(Requeue::lease).toList());
            statement.setArray(
                next + 2,
                SqlArrays.longs(
                    connection,
                    requeues.stream().map(requeue -> requeue.delay().toMillis()).toList()));
            statement.setArray(
                next + 3,
                SqlArrays.texts(connection, requeues.stream().map(Requeue::headers).toList()));
            return readLost(statement);
          }
        });
  }

  /** Makes messages visible at once and notifies listeners; lost ones are not changed. */
  public void release(List<Requeue> requeues) {
    database.call(
        "release to queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, release)) {
            setLeases(connection, statement, 1, requeues.stream().map(Requeue::lease).toList());
            statement.setArray(
                3, SqlArrays.texts(connection, requeues.stream().map(Requeue::headers).toList()));
            statement.setString(4, queue.channel());
            return statement.execute();
          }
        });
  }

  /**
   * Merges headers into those of a message.
   *
   * @param headers a JSON object
   * @return false if the lease was already lost
   */
  public boolean setHeaders(Lease lease, String headers) {
    return database.call(
        "set the headers of a message in queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, setHeaders)) {
            statement.setString(1, headers);
            statement.setLong(2, lease.messageId());
            statement.setInt(3, lease.readCount());
            return statement.executeUpdate() == 1;
          }
        });
  }

  private static Set<Lease> readLost(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var lost = new HashSet<Lease>();
      while (rows.next()) {
        lost.add(new Lease(rows.getLong(1), rows.getInt(2)));
      }
      return lost;
    }
  }

  private static void setDocuments(
      Connection connection,
      PreparedStatement statement,
      int parameter,
      List<Archival> archivals,
      Function<Archival, @Nullable Document> document)
      throws SQLException {
    statement.setArray(
        parameter, SqlArrays.documents(connection, archivals.stream().map(document).toList()));
  }

  /** Two parameters: the ids and the read counts. */
  private static void setLeases(
      Connection connection, PreparedStatement statement, int from, Collection<Lease> leases)
      throws SQLException {
    statement.setArray(
        from, SqlArrays.longs(connection, leases.stream().map(Lease::messageId).toList()));
    statement.setArray(
        from + 1, SqlArrays.ints(connection, leases.stream().map(Lease::readCount).toList()));
  }
}
