package org.wasmbroker.protocol.tasker.claim;

import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.RanModule;

/**
 * The statements that claim steps. Each is one round trip and one transaction: transitions, steps,
 * archive, the broker's journal, and the context of all claimed steps.
 *
 * <p>If two workers claim the same step, one waits for the other's row lock, sees that the step is
 * no longer {@code enqueued}, and claims nothing. A step's transition to {@code enqueued} is
 * committed before its message is sent, and each such transition has a message of its own: a
 * message whose step is in any other state can never be claimed any more, and is archived as well.
 *
 * <p>No value of a row makes a statement fail, since one step would block its whole queue: counts
 * stop at their last value, and a step whose history is too long to be continued is not claimed.
 *
 * <p>The queues may be of PGMQ 1.5, which Tasker's own installations have: no statement uses a
 * column that was added later.
 *
 * <p>Plans: a plan lives as long as its connection and is usually made while the queues are empty,
 * so its table statistics are outdated. Therefore nothing depends on estimates. Rows are looked up
 * and locked by key in lateral subqueries with a limit or an offset, which the planner cannot
 * reorder; rows to be changed are selected by an array, for which an index can only be used as a
 * lookup. An equality with a column of a short list would make a planner that considers the table
 * empty read all of it for each step. The tables' rows are read from the statement's snapshot, from
 * before the claim; that is the state that Tasker passes to its handlers.
 */
public final class TaskerClaimSql {
  private TaskerClaimSql() {}

  /**
   * Parameters: maximum number of messages; the claim's metadata; with a journal also worker and
   * batch; then the named tasks known to publish no events.
   */
  public static String claim(QueueName queue, boolean journal) {
    return """
    with message as (
      select msg_id, enqueued_at, vt, message,
        case when %4$s then (message ->> 'step_uuid')::uuid end as step
      from %1$s
      where vt <= clock_timestamp()
      order by msg_id
      limit ?
      for update skip locked),
    %3$s,
    removed as (
      delete from %1$s gone
      where gone.msg_id = any(array(select msg_id from message))
      returning gone.*),
    archived as (
      insert into %2$s (msg_id, vt, read_ct, enqueued_at, message, headers)
      select msg_id, vt, read_ct + 1, enqueued_at, message, headers
      from removed),
    taken as (
      select 'step' as kind, msg_id, vt, null::text as message, transition, step from ended
      union all
      select 'unreadable', msg_id, vt, %7$s, null, null
      from message
      where step is null
      union all
      select 'messages', count(*), null, null, null, null from message)
    select taken.kind, taken.msg_id, taken.vt, taken.message, %5$s
    %6$s
    """
        .formatted(
            queue.table(),
            queue.archive(),
            claimClauses(journal),
            IS_STEP_MESSAGE,
            contextColumns(0, journal),
            contextJoins(journal),
            SHOWN);
  }

  /**
   * Reads messages from a separate database. Parameters: the name of the queue, for how many
   * seconds they are hidden from others, how many. Returns their ids and times, the step that each
   * refers to, and what is shown of one that refers to none.
   */
  static String readMessages() {
    return """
    select msg_id, enqueued_at, step, case when step is null then %2$s end as shown
    from pgmq.read(?::text, ?::int, ?::int) source
    cross join lateral (
      select case when %1$s then (message ->> 'step_uuid')::uuid end as step) named
    """
        .formatted(IS_STEP_MESSAGE, SHOWN);
  }

  /**
   * Claims the steps of messages that were read from a separate database. Parameters: the ids of
   * the messages, their steps; the claim's metadata; with a journal also worker and batch; then the
   * named tasks known to publish no events.
   */
  public static String claimMessages(boolean journal) {
    return """
    with message as (
      select msg_id, clock_timestamp() as vt, step
      from unnest(?::bigint[], ?::uuid[]) as message(msg_id, step)),
    %1$s,
    taken as (
      select 'step' as kind, msg_id, vt, null::text as message, transition, step from ended
      union all
      select 'messages', count(*), null, null, null, null from message)
    select taken.kind, taken.msg_id, taken.vt, taken.message, %2$s
    %3$s
    """
        .formatted(claimClauses(journal), contextColumns(0, journal), contextJoins(journal));
  }

  /**
   * The steps of a claim whose response was lost. Parameters: worker, batch; then the named tasks
   * known to publish no events.
   */
  public static String findBatch() {
    return """
    with taken as (
      select 'step' as kind, 0::bigint as msg_id, claim.claimed_at as vt, null::text as message,
        claim.transition_uuid as transition, claim.workflow_step_uuid as step
      from wasm_broker.claim claim
      where claim.worker_uuid = ? and claim.batch_uuid = ?
        and exists (
          select from tasker.workflow_step_transitions held
          where held.workflow_step_uuid = claim.workflow_step_uuid
            and held.most_recent
            and held.workflow_step_transition_uuid = claim.transition_uuid
          offset 0))
    select taken.kind, taken.msg_id, taken.vt, taken.message, %1$s
    %2$s
    """
        .formatted(contextColumns(1, true), contextJoins(true));
  }

  /** The changes of a claim: {@code ended} has a row for each claimed step. */
  private static String claimClauses(boolean journal) {
    var record =
        """
        ,
        journal as (
          insert into wasm_broker.claim
            (transition_uuid, workflow_step_uuid, worker_uuid, batch_uuid)
          select transition, step, ?::uuid, ?::uuid
          from ended)\
        """;
    return """
    ready as (
      select distinct on (message.step) message.msg_id, message.vt, message.step, found.place
      from message
      cross join lateral (
        select transition.ctid as place
        from tasker.workflow_step_transitions transition
        where transition.workflow_step_uuid = message.step
          and transition.most_recent
          and transition.to_state = 'enqueued'
          and transition.sort_key < 2147483600
        limit 1
        for update) found
      order by message.step, message.msg_id),
    ended as (
      update tasker.workflow_step_transitions transition
      set most_recent = false, updated_at = now()
      from ready
      where transition.ctid = ready.place
      returning ready.msg_id, ready.vt, ready.step, transition.sort_key,
        tasker.uuid_generate_v7() as transition),
    begun as (
      insert into tasker.workflow_step_transitions
        (workflow_step_transition_uuid, workflow_step_uuid, to_state, from_state, metadata,
         sort_key, most_recent, created_at, updated_at)
      select transition, step, 'in_progress', 'enqueued', ?::jsonb, sort_key + 1, true, now(),
        now()
      from ended),
    counted as (
      update tasker.workflow_steps step
      set in_process = true, attempts = least(coalesce(step.attempts, 0), 2147483646) + 1,
        last_attempted_at = now(), updated_at = now()
      where step.workflow_step_uuid = any(array(select step from ended)))\
    """
        + (journal ? record : "");
  }

  /**
   * What is shown of a message that is none of a step. The text of numbers can be longer than a
   * statement can make, however short their row is.
   */
  private static final String SHOWN =
      """
      case when pg_column_size(message #> '{}') > 1000 then 'too long to be shown'
          else left(message::text, 1000) end\
      """;

  /**
   * Tasker's messages have three ids; only the step's is needed. Only a string is made text, for
   * the same reason. A regular expression for all of it, with counts, takes ten times as long.
   */
  private static final String IS_STEP_MESSAGE =
      """
      case when jsonb_typeof(message -> 'step_uuid') = 'string'
          then message ->> 'step_uuid' like '________-____-____-____-____________'
            and message ->> 'step_uuid' ~ '^[-0-9a-fA-F]*$'
            and length(replace(message ->> 'step_uuid', '-', '')) = 32 end\
      """;

  /**
   * @param counted how many attempts of the row are this claim's own
   * @param journal whether the broker's own tables tell which steps are suspects
   */
  private static String contextColumns(int counted, boolean journal) {
    return """
    taken.transition, taken.step, task.task_uuid, task.correlation_id, named_step.name,
      coalesce(step.inputs ->> '__template_step_name', named_step.name),
      coalesce(step.attempts, 0)::bigint - %1$d, coalesce(step.max_attempts, 3), step.retryable,
      step.inputs::text, step.checkpoint::text, task.context::text, ancestors.results,
      named_task.named_task_uuid, named_task.xmin::text, named_task.name, named_task.version,
      namespace.name,
      case when events.wanted then to_jsonb(task) - 'completed_at' end as task_row,
      case when events.wanted then to_jsonb(step) || jsonb_build_object(
        'name', named_step.name,
        'template_step_name',
        coalesce(step.inputs ->> '__template_step_name', named_step.name)) end as step_row,
      ancestors.complete, %2$s as lost_starts, %3$s as ran\
    """
        .formatted(counted, journal ? "suspect.lost_starts" : "null::int", RanModule.SQL);
  }

  private static String contextJoins(boolean journal) {
    return journal ? CONTEXT_JOINS + SUSPECT_JOIN : CONTEXT_JOINS;
  }

  /** One lookup by key in a table that is nearly always empty. */
  private static final String SUSPECT_JOIN =
      """

      left join lateral (
        select suspect.lost_starts from wasm_broker.suspect suspect
        where suspect.workflow_step_uuid = taken.step limit 1) suspect on true\
      """;

  /** All ancestors that completed successfully, and their results. */
  private static final String CONTEXT_JOINS =
      """
      from taken
        left join lateral (
          select * from tasker.workflow_steps step
          where step.workflow_step_uuid = taken.step limit 1) step on true
        left join lateral (
          select * from tasker.named_steps named_step
          where named_step.named_step_uuid = step.named_step_uuid limit 1) named_step on true
        left join lateral (
          select * from tasker.tasks task where task.task_uuid = step.task_uuid limit 1) task on true
        left join lateral (
          select *, named_task.xmin from tasker.named_tasks named_task
          where named_task.named_task_uuid = task.named_task_uuid limit 1) named_task on true
        left join lateral (
          select * from tasker.task_namespaces namespace
          where namespace.task_namespace_uuid = named_task.task_namespace_uuid limit 1)
          namespace on true
        left join lateral (
          select task.task_uuid is not null and not (named_task.named_task_uuid = any(?::uuid[]))
            as wanted
          offset 0) events on true
        left join lateral (
          with recursive ancestor(step) as (
            select edge.from_step_uuid
            from tasker.workflow_step_edges edge
            where edge.to_step_uuid = taken.step
            union
            select parent.step
            from ancestor
            cross join lateral (
              select edge.from_step_uuid as step
              from tasker.workflow_step_edges edge
              where edge.to_step_uuid = ancestor.step
              offset 0) parent)
          select
            json_object_agg(parent.name, parent.results -> 'result')::text as results,
            (json_object_agg(parent.name, parent.results) filter (where events.wanted))::text
              as complete
          from (
            select name.name, done.results
            from ancestor
            cross join lateral (
              select done.named_step_uuid, done.results
              from tasker.workflow_steps done
              where done.workflow_step_uuid = ancestor.step
                and done.processed and done.results is not null
              limit 1) done
            cross join lateral (
              select name.name from tasker.named_steps name
              where name.named_step_uuid = done.named_step_uuid limit 1) name) parent)
          ancestors on true\
      """;
}
