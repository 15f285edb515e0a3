package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Messages that are too long to be read. JSON of a few kilobytes in a table can have more text than
 * a statement can return, since numbers are stored by their value: {@code 1e131071} has 131,072
 * digits. A claim that comes to such a message fails as a whole, and would each time. So they are
 * moved to the dead letters, by a statement that makes no text of them.
 */
final class UnreadableMessages {
  /** Half of what Postgres can return as one value. */
  private static final long MAX_TEXT_BYTES = 512 << 20;

  /** A byte of a string is at most so many in its text. */
  private static final int ESCAPED_BYTES = 6;

  private UnreadableMessages() {}

  /**
   * Moves those among the oldest visible messages; the archive has them whole, the dead letter does
   * not, so that whoever looks at it can.
   *
   * @param deadLetter a JSON object
   * @return how many
   */
  static int setAside(
      Database database,
      Connection connection,
      QueueName queue,
      QueueName deadLetters,
      int atMost,
      String deadLetter)
      throws SQLException {
    try (var statement = database.prepare(connection, sql(queue, deadLetters))) {
      statement.setInt(1, atMost);
      statement.setString(2, deadLetter);
      return statement.executeUpdate();
    }
  }

  /** The size is an upper bound: all of it escaped, and each large number as large as can be. */
  private static String sql(QueueName queue, QueueName deadLetters) {
    return """
    with oldest as (
      select msg_id
      from %1$s
      where vt <= clock_timestamp()
      order by msg_id
      limit ?
      for update skip locked),
    unreadable as materialized (
      select oldest.msg_id
      from oldest
      join %1$s message using (msg_id)
      where (
        select sum(%4$d::numeric * pg_column_size(part #> '{}') + coalesce((
          select sum(scale(number::numeric)
            + case when abs(number::numeric) < 1e30 then 40 else 131072 end)
          from jsonb_path_query(part, 'strict $.** ? (@.type() == "number")') number), 0))
        from (values (message.message), (message.headers)) parts(part)) > %5$d),
    ended as (
      delete from %1$s message
      using unreadable
      where message.msg_id = unreadable.msg_id
      returning message.msg_id, message.vt, message.read_ct, message.enqueued_at,
        message.last_read_at, message.message, message.headers),
    archived as (
      insert into %2$s (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
      select msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers
      from ended)
    insert into %3$s (vt, message)
    select clock_timestamp(),
      ?::jsonb || jsonb_build_object(
        'queue', '%6$s',
        'msg_id', msg_id,
        'read_ct', read_ct,
        'enqueued_at',
          to_char(enqueued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'dead_lettered_at',
          to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    from ended
    """
        .formatted(
            queue.table(),
            queue.archive(),
            deadLetters.table(),
            ESCAPED_BYTES,
            MAX_TEXT_BYTES,
            queue.value());
  }
}
