package org.wasmbroker.protocol.tasker.recovery;

import org.wasmbroker.protocol.tasker.RanModule;

/**
 * The statements on {@code wasm_broker.worker}, and those that end the claims of dead workers. All
 * times are the database's, regardless of the workers' clocks.
 */
final class WorkerSql {
  private WorkerSql() {}

  /**
   * Parameters: worker, hostname, version, milliseconds of silence after which it is dead. Returns
   * for how many milliseconds the worker had been silent, or null if it was unknown.
   */
  static final String HEARTBEAT =
      """
      with known as (
        select seen_at from wasm_broker.worker where worker_uuid = ?::uuid)
      insert into wasm_broker.worker (worker_uuid, hostname, version, dead_after)
      values (?::uuid, ?, ?, ? * interval '1 millisecond')
      on conflict (worker_uuid) do update set seen_at = clock_timestamp()
      returning (
        select (extract(epoch from clock_timestamp() - known.seen_at) * 1000)::bigint from known)
      """;

  /** Parameters: worker. */
  static final String DEREGISTER =
      """
      delete from wasm_broker.worker where worker_uuid = ?
      """;

  /**
   * Dead workers, and those that have claims but no row: they left, or were found dead before with
   * claims that could not be ended. Iterates over the holders of claims by index, since the table
   * is small but has many dead rows. Parameters: worker (to be excluded), worker, milliseconds
   * after which a claim without a worker is orphaned.
   */
  static final String FIND_DEAD =
      """
      with recursive holder(worker) as (
        (select worker_uuid from wasm_broker.claim order by worker_uuid limit 1)
        union all
        select (
          select next.worker_uuid
          from wasm_broker.claim next
          where next.worker_uuid > holder.worker
          order by next.worker_uuid
          limit 1)
        from holder
        where holder.worker is not null)
      select worker_uuid
      from wasm_broker.worker
      where seen_at + dead_after < clock_timestamp() and worker_uuid <> ?
      union all
      select holder.worker
      from holder
      where holder.worker <> ?
        and not exists (
          select from wasm_broker.worker known where known.worker_uuid = holder.worker)
        and exists (
          select
          from wasm_broker.claim
          where claim.worker_uuid = holder.worker
            and claim.claimed_at < clock_timestamp() - ? * interval '1 millisecond')
      """;

  /**
   * Until the transaction ends, nobody else ends this worker's claims, and the worker itself cannot
   * record a heartbeat. Returns nothing if it is not dead, not known, or locked by another worker.
   * Parameters: worker.
   */
  static final String LOCK_DEAD =
      """
      select hostname, seen_at
      from wasm_broker.worker
      where worker_uuid = ? and seen_at + dead_after < clock_timestamp()
      for update skip locked
      """;

  /** Parameters: worker. */
  static final String FIND_WORKER =
      """
      select from wasm_broker.worker where worker_uuid = ?
      """;

  /**
   * Some claims of a dead worker, and the state of their steps. Nothing here waits: a claim or
   * transition that someone has locked is skipped and inspected the next time.
   *
   * <p>{@code held}: the step is still in the state its claim left it in, and locked. {@code
   * stale}: it is not.
   *
   * <p>Parameters: worker; minimum age of a claim in milliseconds, 0 for all; how many.
   */
  static final String CLAIMS =
      """
      with dead as materialized (
        select *
        from wasm_broker.claim
        where worker_uuid = ?
          and claimed_at <= clock_timestamp() - ? * interval '1 millisecond'
        limit ?
        for update skip locked)
      select dead.transition_uuid, dead.workflow_step_uuid, step.task_uuid, task.correlation_id,
        named_step.name, coalesce(step.attempts, 1), coalesce(step.max_attempts, 3),
        coalesce(step.retryable, true), dead.claimed_at, clock_timestamp(),
        dead.result_transition_uuid is not null as has_result,
        dead.started_at is not null as started,
        coalesce(dead.module, %s) as ran,
        transition.held is not null as held,
        not exists (
          select
          from tasker.workflow_step_transitions latest
          where latest.workflow_step_uuid = dead.workflow_step_uuid
            and latest.most_recent
            and latest.workflow_step_transition_uuid = dead.transition_uuid
            and latest.to_state = 'in_progress') as stale
      from dead
      left join lateral (
        select true as held
        from tasker.workflow_step_transitions latest
        where latest.workflow_step_uuid = dead.workflow_step_uuid
          and latest.most_recent
          and latest.workflow_step_transition_uuid = dead.transition_uuid
          and latest.to_state = 'in_progress'
        limit 1
        for update skip locked) transition on true
      left join lateral (
        select * from tasker.workflow_steps step
        where step.workflow_step_uuid = dead.workflow_step_uuid limit 1) step on true
      left join lateral (
        select * from tasker.named_steps named_step
        where named_step.named_step_uuid = step.named_step_uuid limit 1) named_step on true
      left join lateral (
        select * from tasker.tasks task where task.task_uuid = step.task_uuid limit 1) task on true
      """
          .formatted(RanModule.SQL);

  /**
   * Claims whose results are written but whose messages are not sent. Parameters: their new owner,
   * transitions.
   */
  static final String TAKE_OVER =
      """
      update wasm_broker.claim
      set worker_uuid = ?
      where transition_uuid = any(?)
      returning transition_uuid, task_uuid, workflow_step_uuid, correlation_id
      """;

  /**
   * Records lost claims of steps, which are suspects from now on. Parameters: the steps, and for
   * each whether its start was recorded.
   */
  static final String RECORD_LOSSES =
      """
      insert into wasm_broker.suspect (workflow_step_uuid, lost_starts)
      select lost.step, case when lost.started then 1 else 0 end
      from unnest(?::uuid[], ?::bool[]) as lost(step, started)
      on conflict (workflow_step_uuid) do update
      set lost_starts = least(suspect.lost_starts, 1000000) + excluded.lost_starts,
        lost_at = clock_timestamp()
      """;

  /** Suspects whose steps ended without their brokers' knowledge, such as by being cancelled. */
  static final String FORGET_OLD_SUSPECTS =
      """
      delete from wasm_broker.suspect where lost_at < clock_timestamp() - interval '30 days'
      """;

  /** Parameters: worker, worker. */
  static final String DELETE_WORKER =
      """
      delete from wasm_broker.worker
      where worker_uuid = ?
        and not exists (select from wasm_broker.claim where worker_uuid = ?)
      """;
}
