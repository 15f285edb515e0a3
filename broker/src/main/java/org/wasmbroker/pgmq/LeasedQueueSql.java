package org.wasmbroker.pgmq;

/**
 * The guarded statements on a queue's tables. Names of tables cannot be parameters, so each queue
 * has its own text; a {@link QueueName} has nothing in it that would need quoting.
 *
 * <p>Locks: {@code claim} and {@code renew} skip rows that others have locked, so that they never
 * wait; of the others no two ever have a message in common, unless its lease was lost.
 *
 * <p>Plans: each statement goes from a short list (a limit, the elements of an array) to the
 * primary key of a table that may be deep, row by row. A planner that guesses sizes wrong would
 * read the whole table for each batch, and its statistics of a queue are always old. So the owned
 * row is looked up and locked in a lateral subquery with a limit, which cannot be turned around,
 * and changed by its key in an array; {@link Database} switches the other ways off.
 */
final class LeasedQueueSql {
  private LeasedQueueSql() {}

  /** Like {@code pgmq.read}, but it also tells since when the message was visible. */
  static String claim(QueueName queue) {
    return """
        with ready as (
          select msg_id, vt
          from %1$s
          where vt <= clock_timestamp()
          order by msg_id
          limit ?
          for update skip locked)
        update %1$s message
        set last_read_at = clock_timestamp(),
            vt = clock_timestamp() + ? * interval '1 millisecond',
            read_ct = message.read_ct + 1
        from ready
        where message.msg_id = ready.msg_id
        returning message.msg_id, message.read_ct, ready.vt, message.message, message.headers
        """
        .formatted(queue.table());
  }

  /** A row that another statement has locked just now is neither renewed nor called lost. */
  static String renew(QueueName queue) {
    return """
        with asked as (
          select * from unnest(?::bigint[], ?::int[]) as asked(msg_id, read_ct)),
        held as (
          select owned.msg_id
          from asked
          %2$s),
        renewed as (
          update %1$s message
          set vt = clock_timestamp() + ? * interval '1 millisecond'
          from held
          where message.msg_id = any(array[held.msg_id]))
        select asked.msg_id, asked.read_ct
        from asked
        where not exists (
          select from %1$s message
          where message.msg_id = asked.msg_id and message.read_ct = asked.read_ct)
        """
        .formatted(queue.table(), ownedRow(queue, "asked", "for update skip locked"));
  }

  /**
   * Messages end: deleted, archived, their results and dead letters sent; or they are returned with
   * a delay. The last part names the leases that were lost. An ending that is in the archive with
   * the same read count was written before, by this owner, and a return whose row says so too. The
   * comparison of counts spares the usual case, in which nothing was lost, the search.
   */
  static String complete(QueueName queue, QueueName results, QueueName deadLetters) {
    return """
        with ending as (
          select *
          from unnest(?::bigint[], ?::int[], ?::text[], ?::text[], ?::text[])
            as ending(msg_id, read_ct, result, result_headers, dead_letter)),
        returning_ as (
          select *
          from unnest(?::bigint[], ?::int[], ?::bigint[], ?::int[])
            as returning_(msg_id, read_ct, delay_ms, failures)),
        held as (
          select owned.msg_id, ending.result, ending.result_headers, ending.dead_letter
          from ending
          %8$s),
        ended as (
          delete from %1$s message
          using held
          where message.msg_id = any(array[held.msg_id])
          returning message.msg_id, message.vt, message.read_ct, message.enqueued_at,
            message.last_read_at, message.message, message.headers,
            held.result, held.result_headers, held.dead_letter),
        archived as (
          insert into %2$s (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
          select msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers
          from ended),
        reported as (
          insert into %3$s (vt, message, headers)
          select clock_timestamp(), result::jsonb, result_headers::jsonb
          from ended
          where result is not null),
        buried as (
          insert into %4$s (vt, message, headers)
          select clock_timestamp(),
            dead_letter::jsonb || jsonb_build_object(
              'queue', '%5$s',
              'msg_id', msg_id,
              'read_ct', read_ct,
              'enqueued_at',
                to_char(enqueued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
              'dead_lettered_at',
                to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
              'message', message),
            headers
          from ended
          where dead_letter is not null),
        held_back as (
          select owned.msg_id, returning_.delay_ms, returning_.failures
          from returning_
          %9$s),
        returned as (
          update %1$s message
          set vt = clock_timestamp() + held_back.delay_ms * interval '1 millisecond',
              last_read_at = null,
              headers = %6$s || jsonb_build_object('%7$s', held_back.failures)
          from held_back
          where message.msg_id = any(array[held_back.msg_id])
          returning message.msg_id)
        select ending.msg_id, ending.read_ct
        from ending
        where (select count(*) from ended) < (select count(*) from ending)
          and not exists (select from ended where ended.msg_id = ending.msg_id)
          and not exists (
            select from %2$s archived
            where archived.msg_id = ending.msg_id and archived.read_ct = ending.read_ct)
        union all
        select returning_.msg_id, returning_.read_ct
        from returning_
        where not exists (select from returned where returned.msg_id = returning_.msg_id)
          and not exists (
            select from %1$s message
            where message.msg_id = returning_.msg_id
              and message.read_ct = returning_.read_ct
              and message.last_read_at is null)
        """
        .formatted(
            queue.table(),
            queue.archive(),
            results.table(),
            deadLetters.table(),
            queue.value(),
            OBJECT_HEADERS,
            LeasedQueue.FAILURES_HEADER,
            ownedRow(queue, "ending", "for update"),
            ownedRow(queue, "returning_", "for update"));
  }

  static String release(QueueName queue) {
    return """
        with returning_ as (
          select * from unnest(?::bigint[], ?::int[], ?::int[]) as r(msg_id, read_ct, given_back)),
        held as (
          select owned.msg_id, returning_.given_back
          from returning_
          %4$s),
        returned as (
          update %1$s message
          set vt = clock_timestamp(),
              last_read_at = null,
              headers = %2$s || jsonb_build_object('%3$s', held.given_back)
          from held
          where message.msg_id = any(array[held.msg_id])
          returning message.msg_id)
        select pg_notify(?, '')
        from (select count(*) as messages from returned) counted
        where counted.messages > 0
        """
        .formatted(
            queue.table(),
            OBJECT_HEADERS,
            LeasedQueue.RELEASES_HEADER,
            ownedRow(queue, "returning_", "for update"));
  }

  /**
   * Joins each element of a list of leases with the row that it still owns, locked, as {@code
   * owned.msg_id}. The limit keeps the planner to one look-up by key for each element. The row is
   * changed by its key and not by its place: where the lock waited for a renewal of the same lease,
   * the row has moved to a place that the statement does not see.
   */
  private static String ownedRow(QueueName queue, String list, String lock) {
    return """
        cross join lateral (
          select message.msg_id
          from %1$s message
          where message.msg_id = %2$s.msg_id
            and message.read_ct = %2$s.read_ct
            and message.last_read_at is not null
          limit 1
          %3$s) owned
        """
        .formatted(queue.table(), list, lock);
  }

  /** The headers, where they are an object; anything else could not carry a count. */
  private static final String OBJECT_HEADERS =
      "case jsonb_typeof(message.headers) when 'object' then message.headers else '{}'::jsonb end";
}
