package org.wasmbroker.protocol.standalone.deadletter;

import org.wasmbroker.pgmq.QueueName;

/**
 * The statements on the dead letters of a queue. Table names cannot be parameters, so each queue
 * has its own statements; a {@link QueueName} never needs quoting.
 *
 * <p>No value of a row makes a statement fail: anyone who may write to the queue can send any JSON
 * to it, and one message would keep all others from being dealt with.
 */
final class LetterSql {
  /** Texts are cut to this many characters. */
  static final int MAX_TEXT = 500;

  /** What identifies a replay in the headers of the message, and later of its next dead letter. */
  static final String REPLAYED = "x-wasm-broker-replayed";

  /** What the archive says about how a dead letter was dealt with. */
  static final String RESOLVED = "x-wasm-broker-resolved";

  private static final String FAILURES = "x-wasm-broker-failures";
  private static final String STARTED = "x-wasm-broker-started";
  private static final String MODULE = "x-wasm-broker-module";

  private static final String REASON = text("message", "reason");
  private static final String ERROR_TYPE =
      "coalesce(%s, %s, 'unknown')".formatted(text("message", "last_error,error_type"), REASON);
  private static final String HANDLER = text("message", "message,handler");
  private static final String STEP = text("message", "message,step_uuid");
  private static final String RAN = text("headers", MODULE);

  /** What the receipt says; letters of older brokers have the header only, from a retry before. */
  private static final String VERSION =
      "coalesce(%s, substring(%s from '@([^ ]+) '))"
          .formatted(text("message", "receipt,version"), RAN);

  private static final String DIGEST =
      "coalesce(%s, substring(%s from 'sha256:[0-9a-f]{64}$'))"
          .formatted(text("message", "receipt,digest"), RAN);
  private static final String PIN =
      "coalesce(%s || '@' || %s || ' ' || %s, %s)"
          .formatted(
              text("message", "receipt,handler"),
              text("message", "receipt,version"),
              text("message", "receipt,digest"),
              RAN);

  /** A count of ours; whatever else is there counts as none. */
  private static final String REPLAYS = count("letter.headers #> '{%s,count}'".formatted(REPLAYED));

  private static final String ATTEMPTS = count("letter.message -> 'attempts'");

  private static final String OBJECT_HEADERS =
      "case jsonb_typeof(letter.headers) when 'object' then letter.headers else '{}'::jsonb end";

  private LetterSql() {}

  /**
   * A string; whatever else is there is none. The text of a number or of an array of them can be
   * longer than a statement can make, however short its row is.
   */
  private static String text(String column, String path) {
    return "case when jsonb_typeof(letter.%1$s #> '{%2$s}') = 'string' then letter.%1$s #>> '{%2$s}' end"
        .formatted(column, path);
  }

  private static String count(String json) {
    return "case when jsonb_typeof(%1$s) = 'number' then greatest(0, least(1000000, (%1$s)::numeric))::int else 0 end"
        .formatted(json);
  }

  private static String columns() {
    return """
    letter.msg_id, letter.enqueued_at, extract(epoch from clock_timestamp() - letter.enqueued_at),
      left(coalesce(%9$s, 'unknown'), %1$d), left(%2$s, %1$d),
      left(coalesce(%10$s, %11$s, ''), %1$d),
      left(%3$s, %1$d), left(%4$s, %1$d), left(%5$s, %1$d), left(%6$s, %1$d), %7$s, %8$s,
      case when letter.vt > clock_timestamp() then letter.vt end\
    """
        .formatted(
            MAX_TEXT,
            ERROR_TYPE,
            STEP,
            HANDLER,
            VERSION,
            DIGEST,
            ATTEMPTS,
            REPLAYS,
            REASON,
            text("message", "last_error,message"),
            text("message", "detail"));
  }

  /** The highest id in the queue: what comes later is another matter. */
  static String newest(QueueName letters) {
    return "select coalesce(max(msg_id), 0) from " + letters.table();
  }

  /** The parameters are those of {@link #matching}, then the maximum number. */
  static String list(QueueName letters, boolean newestFirst) {
    return "select %s\n%s\norder by letter.msg_id %s\nlimit ?"
        .formatted(columns(), matching(letters), newestFirst ? "desc" : "asc");
  }

  /** The parameters are those of {@link #matching}, then the maximum number. */
  static String ids(QueueName letters) {
    return "select letter.msg_id\n%s\norder by letter.msg_id\nlimit ?".formatted(matching(letters));
  }

  /** The parameters are those of {@link #matching}, then how many are counted at most. */
  static String countByErrorType(QueueName letters) {
    return """
    select error_type, count(*), min(enqueued_at), max(enqueued_at)
    from (
      select left(%s, %d) as error_type, letter.enqueued_at
      %s
      order by letter.msg_id
      limit ?) matching
    group by error_type
    order by count(*) desc, error_type
    """
        .formatted(ERROR_TYPE, MAX_TEXT, matching(letters));
  }

  /**
   * Parameters: the ids after which and up to which; ids, steps, reasons, error types, handlers,
   * versions, digests, each null for any; the least and the greatest age in seconds, or null;
   * whether only those count that were never replayed.
   */
  private static String matching(QueueName letters) {
    return """
    from %1$s letter
    cross join (
      select ?::bigint as after, ?::bigint as up_to, ?::bigint[] as ids, ?::text[] as steps,
        ?::text[] as reasons, ?::text[] as error_types, ?::text[] as handlers,
        ?::text[] as versions, ?::text[] as digests, ?::float8 as older, ?::float8 as newer,
        ?::bool as never_replayed) asked
    where letter.msg_id > asked.after and letter.msg_id <= asked.up_to
      and (asked.ids is null or letter.msg_id = any(asked.ids))
      and (asked.steps is null or coalesce(lower(%2$s) = any(asked.steps), false))
      and (asked.reasons is null or coalesce(%8$s, 'unknown') = any(asked.reasons))
      and (asked.error_types is null or %3$s = any(asked.error_types))
      and (asked.handlers is null or coalesce(%4$s = any(asked.handlers), false))
      and (asked.versions is null or coalesce(%5$s = any(asked.versions), false))
      and (asked.digests is null or exists (
        select from unnest(asked.digests) wanted where starts_with(%6$s, wanted)))
      and (asked.older is null
        or letter.enqueued_at <= clock_timestamp() - asked.older * interval '1 second')
      and (asked.newer is null
        or letter.enqueued_at >= clock_timestamp() - asked.newer * interval '1 second')
      and (not asked.never_replayed or %7$s = 0)\
    """
        .formatted(letters.table(), STEP, ERROR_TYPE, HANDLER, VERSION, DIGEST, REPLAYS, REASON);
  }

  /** One letter; in the queue, or in its archive. Parameters: the largest size, and the id. */
  static String show(QueueName letters, boolean archive) {
    return """
    select %s,
      octet_length(letter.message::text),
      case when octet_length(letter.message::text) <= ? then letter.message::text end,
      letter.headers::text
    from %s letter
    where letter.msg_id = ?
    """
        .formatted(columns(), archive ? letters.archive() : letters.table());
  }

  /** Those of the letters with these ids whose message was refused as invalid. */
  static String invalid(QueueName letters) {
    return """
    select letter.msg_id
    from %s letter
    where letter.msg_id = any(?) and letter.message -> 'reason' = '"invalid"'
      and letter.message -> 'message' is not null
    """
        .formatted(letters.table());
  }

  /** Parameter: the id. */
  static String message(QueueName letters) {
    return "select (letter.message -> 'message')::text from %s letter where letter.msg_id = ?"
        .formatted(letters.table());
  }

  /**
   * Removes letters, archives them and sends their messages again: all of it or nothing. Of two
   * that do this at the same time the second finds nothing, since it waits for the first and then
   * looks again. A letter that another reader holds is not touched: it may send the message, too.
   *
   * <p>Parameters: ids; twice whether the same module is asked for; by whom; the note or null.
   */
  static String replay(QueueName queue, QueueName letters) {
    return """
    with asked as materialized (
      select ?::bigint[] as ids, ?::bool as same_module,
        jsonb_strip_nulls(jsonb_build_object(
          'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
          'by', ?::text, 'role', current_user::text, 'note', ?::text)) as resolution),
    removed as (
      delete from %1$s letter
      using asked
      where letter.msg_id = any(asked.ids) and letter.vt <= clock_timestamp()
        and letter.message -> 'message' is not null
        and (not asked.same_module or %3$s is not null)
      returning letter.msg_id, letter.vt, letter.read_ct, letter.enqueued_at, letter.last_read_at,
        letter.message, letter.headers, asked.resolution,
        %4$s as kept_headers,
        %5$s as replays,
        case when asked.same_module then %3$s end as pin),
    sent as (
      insert into %6$s (vt, message, headers)
      select clock_timestamp(), message -> 'message',
        (kept_headers - '%8$s' - '%9$s' - '%10$s')
          || case when pin is null then '{}'::jsonb else jsonb_build_object('%10$s', pin) end
          || jsonb_build_object('%11$s', resolution - 'note'
            || jsonb_build_object('count', replays + 1, 'dead_letter', msg_id))
      from removed
      order by msg_id
      returning msg_id, (headers #>> '{%11$s,dead_letter}')::bigint as letter),
    archived as (
      insert into %2$s (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
      select removed.msg_id, vt, read_ct, enqueued_at, last_read_at, message,
        kept_headers || jsonb_build_object('%12$s', resolution || jsonb_build_object(
          'how', 'replayed', 'queue', '%7$s', 'msg_id', sent.msg_id, 'module', pin))
      from removed
      join sent on sent.letter = removed.msg_id)
    select letter, msg_id from sent order by letter
    """
        .formatted(
            letters.table(),
            letters.archive(),
            PIN,
            OBJECT_HEADERS,
            REPLAYS,
            queue.table(),
            queue.value(),
            FAILURES,
            STARTED,
            MODULE,
            REPLAYED,
            RESOLVED);
  }

  /** Parameters: by whom; the note or null; ids. */
  static String discard(QueueName letters) {
    return """
    with removed as (
      delete from %1$s letter
      where letter.msg_id = any(?) and letter.vt <= clock_timestamp()
      returning letter.*, %3$s as kept_headers),
    archived as (
      insert into %2$s (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
      select msg_id, vt, read_ct, enqueued_at, last_read_at, message,
        kept_headers || jsonb_build_object('%4$s', jsonb_strip_nulls(jsonb_build_object(
          'how', 'discarded',
          'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
          'by', ?::text, 'role', current_user::text, 'note', ?::text)))
      from removed)
    select msg_id from removed order by msg_id
    """
        .formatted(letters.table(), letters.archive(), OBJECT_HEADERS, RESOLVED);
  }

  /** Parameter: ids. */
  static String purge(QueueName letters) {
    return """
    with removed as (
      delete from %s letter
      where letter.msg_id = any(?) and letter.vt <= clock_timestamp()
      returning letter.msg_id)
    select msg_id from removed order by msg_id
    """
        .formatted(letters.table());
  }

  /** Why letters with these ids were not removed. Parameter: ids. */
  static String left(QueueName letters) {
    return """
    select letter.msg_id, case when letter.vt > clock_timestamp() then letter.vt end,
      letter.message -> 'message' is null, %s is null
    from %s letter
    where letter.msg_id = any(?)
    """
        .formatted(PIN, letters.table());
  }
}
