package org.wasmbroker.protocol.tasker.report;

import org.wasmbroker.pgmq.QueueName;

/**
 * The statements on claims that are held. Each is one transaction, and identifies a claim by its
 * own transition, so that nothing is written for a step that was cancelled, resolved or claimed by
 * someone else. For how rows are looked up see {@link TaskerClaimSql}.
 */
public final class TaskerCompletionSql {
  private TaskerCompletionSql() {}

  /**
   * Completes steps: transition, results, in_process, message to the orchestrator. Parameters:
   * steps, transitions, tasks, correlations, successes, results, attempts not to be counted;
   * timestamp, worker.
   *
   * <p>Returns the transitions of the claims that were held.
   *
   * <p>The update finds a transition by its key and locks it in passing: a statement that has to
   * wait for another one looks at the row again when that has ended. The other conditions are
   * written so that no index serves them: one could be read as a whole, for its order or its own
   * condition.
   *
   * @param journal whether the broker has tables of its own
   * @param send whether the queues are in this database; otherwise the journal records what has to
   *     be sent
   */
  public static String complete(boolean journal, boolean send) {
    return """
    with outcome as (
      select * from unnest(
          ?::uuid[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bool[], ?::text[], ?::int[])
        as outcome(step, transition, task, correlation, success, result, uncounted)),
    ended as (
      update tasker.workflow_step_transitions transition
      set most_recent = false, updated_at = now()
      from outcome
      where transition.workflow_step_transition_uuid = any(array[outcome.transition])
        and transition.workflow_step_uuid = any(array[outcome.step])
        and coalesce(transition.most_recent, false)
        and transition.to_state = 'in_progress'
      returning outcome.step, outcome.transition, outcome.task, outcome.correlation,
        outcome.success, outcome.result, outcome.uncounted, transition.sort_key,
        tasker.uuid_generate_v7() as report),
    reported as (
      insert into tasker.workflow_step_transitions
        (workflow_step_transition_uuid, workflow_step_uuid, to_state, from_state, metadata,
         sort_key, most_recent, created_at, updated_at)
      select report, step,
        case when success then 'enqueued_for_orchestration'
          else 'enqueued_as_error_for_orchestration' end,
        'in_progress',
        jsonb_build_object(
          'event', %4$s,
          'timestamp', ?::text, 'worker_uuid', ?::text, 'correlation_id', correlation::text),
        sort_key + 1, true, now(), now()
      from ended),
    stepped as (
      update tasker.workflow_steps step
      set in_process = false, results = ended.result::jsonb,
        attempts = greatest(greatest(step.attempts, 0) - ended.uncounted, 0), updated_at = now()
      from ended
      where step.workflow_step_uuid = any(array[ended.step]))%1$s%2$s
    select ended.transition%3$s
    from ended
    """
        .formatted(
            journal ? (send ? DELETE_CLAIM : RECORD_RESULT) : "",
            send ? SEND : "",
            send ? NOTIFY : "",
            EVENT);
  }

  private static final QueueName RESULTS = new QueueName("orchestration_step_results");

  /**
   * What Tasker's {@code pgmq_send_with_notify} does, for all steps at once: that function plans an
   * insert of its own for each message, which is a quarter of what a step costs the server.
   */
  private static final String SEND =
      """
      ,
      sent as (
        insert into %s (vt, message)
        select clock_timestamp(), (
          '{"task_uuid":"' || task || '","step_uuid":"' || step || '","correlation_id":"'
            || correlation || '"}')::jsonb
        from ended
        returning msg_id, message)\
      """
          .formatted(RESULTS.table());

  /**
   * The same notifications: the orchestrator takes the message from them. Evaluated once, with the
   * first row. Put together as text, in the form of {@code json_build_object}, which would look up
   * the types of its arguments for each row.
   */
  private static final String NOTIFY =
      """
      , (
        select count(pg_notify(channel.name, notification.payload))
        from sent
        cross join lateral (
          select '{"event_type" : "message_with_payload", "msg_id" : ' || sent.msg_id
            || ', "queue_name" : "%s", "namespace" : "orchestration", "message" : ' || sent.message
            || ', "ready_at" : ' || (select to_json(now())) || ', "delay_seconds" : 0}' as payload
          offset 0) notification
        cross join (values ('pgmq_message_ready.orchestration'), ('pgmq_message_ready'))
          channel(name)) as notified\
      """
          .formatted(RESULTS.value());

  /** The event in the metadata of Tasker's transitions, as a string. */
  private static final String EVENT =
      """
      '{"type":"'
        || case when success then 'EnqueueForOrchestration'
          else 'EnqueueAsErrorForOrchestration' end
        || '","data":' || result || '}'\
      """;

  private static final String DELETE_CLAIM =
      """
      ,
      forgotten as (
        delete from wasm_broker.claim claim
        where claim.transition_uuid = any(array(select transition from ended)))\
      """;

  private static final String RECORD_RESULT =
      """
      ,
      remembered as (
        update wasm_broker.claim claim
        set result_transition_uuid = ended.report, task_uuid = ended.task,
          correlation_id = ended.correlation
        from ended
        where claim.transition_uuid = any(array[ended.transition]))\
      """;

  /**
   * Parameters: transitions, successes, results; worker. Returns the transitions that this worker
   * has ended with exactly this report, whatever happened to the step since.
   */
  public static String alreadyWritten() {
    return """
    select claimed.workflow_step_transition_uuid
    from unnest(?::uuid[], ?::bool[], ?::text[]) as asked(transition, success, result)
    cross join lateral (
      select workflow_step_transition_uuid, workflow_step_uuid, sort_key
      from tasker.workflow_step_transitions claimed
      where claimed.workflow_step_transition_uuid = asked.transition
      limit 1) claimed
    where exists (
      select from tasker.workflow_step_transitions next
      where next.workflow_step_uuid = claimed.workflow_step_uuid
        and next.sort_key = claimed.sort_key + 1
        and next.metadata ->> 'worker_uuid' = ?
        and next.metadata ->> 'event' = %s
      offset 0)
    """
        .formatted(EVENT);
  }

  /** Parameters: steps, transitions. Returns the transitions of the claims that are lost. */
  public static String lost() {
    return """
    select asked.transition
    from unnest(?::uuid[], ?::uuid[]) as asked(step, transition)
    where not exists (
      select from tasker.workflow_step_transitions held
      where held.workflow_step_uuid = asked.step
        and held.most_recent
        and held.workflow_step_transition_uuid = asked.transition
        and held.to_state = 'in_progress'
      offset 0)
    """;
  }

  /** Parameter: transitions. */
  public static String deleteClaims() {
    return "delete from wasm_broker.claim where transition_uuid = any(?)";
  }

  /** The same for lost claims; one whose result message is still to be sent is not lost. */
  static String deleteLostClaims() {
    return deleteClaims() + " and result_transition_uuid is null";
  }

  /**
   * Records that a suspect's run begins. Parameters: worker, transition. Changes nothing if the
   * claim is lost.
   */
  static String recordStart() {
    return """
    update wasm_broker.claim
    set started_at = clock_timestamp()
    where worker_uuid = ? and transition_uuid = ?
    """;
  }

  /** Parameter: steps that have ended. */
  static String forgetSuspects() {
    return "delete from wasm_broker.suspect where workflow_step_uuid = any(?)";
  }

  /**
   * Saves a checkpoint, whose earlier cursors become its history. Parameters: the checkpoint, its
   * entry in the history, step, transition; with a journal also the module that it is of, and the
   * transition again. Returns the checkpoint as it was saved, or nothing if the claim is lost.
   */
  static String saveCheckpoint(boolean journal) {
    return journal
        ? """
        with saved as (
        %s),
        recorded as (
          update wasm_broker.claim claim
          set module = now.module
          from (select ?::text as module, ?::uuid as transition from saved) now
          where claim.transition_uuid = any(array[now.transition])
            and claim.module is distinct from now.module)
        select checkpoint from saved
        """
            .formatted(SAVE_CHECKPOINT)
        : SAVE_CHECKPOINT;
  }

  private static final String SAVE_CHECKPOINT =
      """
      update tasker.workflow_steps step
      set checkpoint = jsonb_set(
            ?::jsonb, '{history}', coalesce(step.checkpoint -> 'history', '[]') || ?::jsonb),
          updated_at = now()
      where step.workflow_step_uuid = ?
        and exists (
          select from tasker.workflow_step_transitions held
          where held.workflow_step_uuid = step.workflow_step_uuid
            and held.most_recent
            and held.workflow_step_transition_uuid = ?
            and held.to_state = 'in_progress')
      returning step.checkpoint::text as checkpoint
      """;
}
