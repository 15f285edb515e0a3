package org.wasmbroker.pgmq;

/**
 * The guarded statements on a queue's tables. Table names cannot be parameters, so each queue has
 * its own statements; a {@link QueueName} never needs quoting.
 *
 * <p>Locks: {@code claim} and {@code renew} skip rows that others have locked, so they never wait;
 * no two of the others ever have a message in common, unless its lease was lost.
 *
 * <p>Plans: each statement goes from a short list (a limit, the elements of an array) to the
 * primary key of a table that may be deep, row by row. A planner with wrong estimates would read
 * the whole table for each batch, and its statistics of a queue are always outdated. So the owned
 * row is looked up and locked in a lateral subquery with a limit, which cannot be reordered, and
 * changed by its key in an array; {@link Database} disables the other plans.
 */
final class LeasedQueueSql {
  /** Messages beyond this much text wait for the next claim; the first one is taken of any size. */
  private static final int MAX_CLAIM_BYTES = 32 << 20;

  private LeasedQueueSql() {}

  /**
   * Like {@code pgmq.read}, but also returns since when the message was visible. No value of a row
   * makes it fail, since one message would block the whole queue: a sender may choose any
   * visibility time, and the count starts again after its last value.
   *
   * <p>The size of a message that is stored compressed is only known when it is not.
   */
  static String claim(QueueName queue) {
    return """
    with locked as (
      select msg_id, vt, last_read_at,
        coalesce(
          case when pg_column_compression(message) is null then pg_column_size(message)
            else octet_length(message::text) end,
          0)
        + coalesce(pg_column_size(headers), 0) as bytes
      from %1$s
      where vt <= clock_timestamp()
      order by msg_id
      limit ?
      for update skip locked),
    ready as (
      select msg_id, vt, last_read_at
      from (
        select *, sum(bytes) over (order by msg_id rows unbounded preceding) - bytes as before
        from locked) sized
      where before < %2$d)
    update %1$s message
    set last_read_at = clock_timestamp(),
        vt = clock_timestamp() + ? * interval '1 millisecond',
        read_ct = case when message.read_ct < 2147483647 then message.read_ct + 1 else 1 end
    from ready
    where message.msg_id = ready.msg_id
    returning message.msg_id, message.read_ct, ready.last_read_at is not null, greatest(ready.vt, message.enqueued_at),
      message.message, message.headers
    """
        .formatted(queue.table(), MAX_CLAIM_BYTES);
  }

  /** A row that another statement has locked is neither renewed nor reported as lost. */
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
   * Messages are archived, and their results and dead letters sent, or they are requeued with a
   * delay. The last part returns the leases that were lost. An archival that is in the archive with
   * the same read count was written before, by this owner; likewise a requeue whose row says so.
   * Comparing the counts first spares the search in the usual case, in which nothing was lost.
   *
   * <p>Without an archive nothing tells who ended a message that is gone: all such leases are lost.
   *
   * <p>Messages that are archived are not locked first: the delete locks the row, and asks again
   * who owns it if it had to wait for somebody.
   *
   * @param sends whether archivals have new messages for the queue, which are sent if the lease was
   *     not lost
   */
  static String complete(
      QueueName queue, QueueName results, QueueName deadLetters, boolean archives, boolean sends) {
    return """
    with archival as (
      select *
      from unnest(?::bigint[], ?::int[], ?::text[], ?::text[], ?::text[]%11$s)
        as archival(msg_id, read_ct, result, result_headers, dead_letter%10$s)),
    requeue as (
      select *
      from unnest(?::bigint[], ?::int[], ?::bigint[], ?::text[])
        as requeue(msg_id, read_ct, delay_ms, headers)),
    held as (
      select owned.msg_id, archival.read_ct, archival.result, archival.result_headers,
        archival.dead_letter%10$s
      from archival
      %6$s),
    ended as (
      delete from %1$s message
      using held
      where message.msg_id = any(array[held.msg_id])
        and message.read_ct = held.read_ct
        and message.last_read_at is not null
      returning message.msg_id, message.vt, message.read_ct, message.enqueued_at,
        message.last_read_at, message.message, message.headers,
        held.result, held.result_headers, held.dead_letter%10$s),
    %9$s
    %12$s
    reported as (
      insert into %3$s (vt, message, headers)
      select clock_timestamp(), result::jsonb, result_headers::jsonb
      from ended
      where result is not null),
    dead_lettered as (
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
    requeue_held as (
      select owned.msg_id, requeue.delay_ms, requeue.headers
      from requeue
      %7$s),
    returned as (
      update %1$s message
      set vt = clock_timestamp() + requeue_held.delay_ms * interval '1 millisecond',
          last_read_at = null,
          headers = %8$s
      from requeue_held
      where message.msg_id = any(array[requeue_held.msg_id])
      returning message.msg_id)
    select archival.msg_id, archival.read_ct
    from archival
    where (select count(*) from ended) < (select count(*) from archival)
      and not exists (select from ended where ended.msg_id = archival.msg_id)
      %2$s
    union all
    select requeue.msg_id, requeue.read_ct
    from requeue
    where not exists (select from returned where returned.msg_id = requeue.msg_id)
      and not exists (
        select from %1$s message
        where message.msg_id = requeue.msg_id
          and message.read_ct = requeue.read_ct
          and message.last_read_at is null)
    """
        .formatted(
            queue.table(),
            archives ? notArchivedBefore(queue) : "",
            results.table(),
            deadLetters.table(),
            queue.value(),
            ownedRow(queue, "archival", ""),
            ownedRow(queue, "requeue", "for update"),
            mergedHeaders("requeue_held"),
            archives ? archived(queue) : "",
            sends ? ", new_messages, new_headers" : "",
            sends ? ", ?::text[], ?::text[]" : "",
            sends ? sent(queue) : "");
  }

  private static String archived(QueueName queue) {
    return """
    archived as (
      insert into %s (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
      select msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers
      from ended),
    """
        .formatted(queue.archive());
  }

  private static String sent(QueueName queue) {
    return """
    sent as (
      insert into %s (vt, message, headers)
      select clock_timestamp(), new.message, ended.new_headers::jsonb
      from ended
      cross join lateral jsonb_array_elements(ended.new_messages::jsonb)
        with ordinality as new(message, place)
      where ended.new_messages is not null
      order by ended.msg_id, new.place),
    """
        .formatted(queue.table());
  }

  private static String notArchivedBefore(QueueName queue) {
    return """
    and not exists (
      select from %s archived
      where archived.msg_id = archival.msg_id and archived.read_ct = archival.read_ct)
    """
        .formatted(queue.archive());
  }

  static String release(QueueName queue) {
    return """
    with requeue as (
      select * from unnest(?::bigint[], ?::int[], ?::text[]) as r(msg_id, read_ct, headers)),
    held as (
      select owned.msg_id, requeue.headers
      from requeue
      %2$s),
    returned as (
      update %1$s message
      set vt = clock_timestamp(),
          last_read_at = null,
          headers = %3$s
      from held
      where message.msg_id = any(array[held.msg_id])
      returning message.msg_id)
    select pg_notify(?, '')
    from (select count(*) as messages from returned) counted
    where counted.messages > 0
    """
        .formatted(queue.table(), ownedRow(queue, "requeue", "for update"), mergedHeaders("held"));
  }

  /**
   * Joins each element of a list of leases with the row that it still owns as {@code owned.msg_id}.
   * The limit restricts the planner to one lookup by key per element. The row is changed by its key
   * and not by its ctid: if there was a wait for a renewal of the same lease, the row has moved to
   * a place that the statement does not see.
   *
   * @param lock how the row is locked, or nothing
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

  static String setHeaders(QueueName queue) {
    return """
    update %1$s message
    set headers = %2$s || ?::jsonb
    where msg_id = ? and read_ct = ? and last_read_at is not null
    """
        .formatted(queue.table(), OBJECT_HEADERS);
  }

  /** The message's headers with those of a list's row merged into them, if it has any. */
  private static String mergedHeaders(String list) {
    return """
    case when %1$s.headers is null then message.headers
      else %2$s || %1$s.headers::jsonb end\
    """
        .formatted(list, OBJECT_HEADERS);
  }

  /** The headers if they are an object; nothing can be merged into anything else. */
  private static final String OBJECT_HEADERS =
      "case jsonb_typeof(message.headers) when 'object' then message.headers else '{}'::jsonb end";
}
