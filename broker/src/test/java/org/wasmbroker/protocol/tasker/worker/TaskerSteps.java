package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.StepQueue;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;
import org.wasmbroker.protocol.tasker.report.Completion;
import org.wasmbroker.protocol.tasker.report.CompletionWriter;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;

/** Tasker's tables and the queue of a namespace of its own, empty at first. */
final class TaskerSteps implements StepQueue {
  private final TaskerDatabase postgres;
  private final Database database;
  private final FakeOrchestrator orchestrator;
  private final @Nullable RecoveryConfig recovery;
  private final String namespace =
      "ns_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);

  /**
   * @param database what the workers work with
   * @param recovery null where the broker keeps no tables of its own
   */
  TaskerSteps(TaskerDatabase postgres, Database database, @Nullable RecoveryConfig recovery) {
    this.postgres = postgres;
    this.database = database;
    this.recovery = recovery;
    this.orchestrator = new FakeOrchestrator(postgres);
    orchestrator.register(template(3));
    postgres.grantNamespace(namespace);
  }

  private String template(int maxAttempts) {
    return """
    {"name":"orders","namespace_name":"%s","version":"%d","steps":[
      {"name":"first","handler":{"callable":"echo"},"retry":{"max_attempts":%d}}]}\
    """
        .formatted(namespace, maxAttempts, maxAttempts);
  }

  @Override
  public TaskerProtocol connect() {
    var standard = TaskerConfig.DEFAULTS;
    var config =
        new TaskerConfig(
            List.of(new Namespace(namespace)),
            List.of(),
            null,
            standard.defaultTimeout(),
            standard.watchInterval(),
            recovery,
            null,
            standard.visibility());
    var worker = new TaskerWorker(new WorkerIdentity(UUID.randomUUID().toString(), "here"), "test");
    var protocol = new TaskerProtocol(database, config, worker, EventSink.NONE);
    protocol.prepare();
    return protocol;
  }

  @Override
  public List<UUID> ready(int steps, int maxAttempts) {
    var ready =
        orchestrator.submit(template(maxAttempts), "{\"x\":1}", steps).stream()
            .map(FakeOrchestrator.Task::step)
            .toList();
    if (steps >= 1000) {
      postgres.execute("analyze"); // for the long questions of this class
    }
    return ready;
  }

  @Override
  public void send(String message) {
    postgres.query("select pgmq.send('%s', '%s'::jsonb)".formatted(queue(), message));
  }

  /** Someone declares its worker dead; the orchestrator retries the step. */
  @Override
  public Step takeOver(Step held, StepProtocol by) {
    var claim = TaskerClaim.of(held);
    var failure =
        new Completion(
            claim.step(),
            claim.transition(),
            claim.task(),
            claim.correlation(),
            false,
            Document.of(
                """
                {"step_uuid":"%s","success":false,"result":{},"status":"failed",
                 "metadata":{"execution_time_ms":0,"retryable":true,"error_type":"worker_lost",
                   "custom":{},"context":{}},
                 "error":{"message":"its worker is lost","error_type":"worker_lost","retryable":true},
                 "orchestration_metadata":{"headers":{},"custom":{}}}\
                """
                    .formatted(claim.step())),
            true);
    assertThat(
            new CompletionWriter(database, UUID.randomUUID(), recovery != null, true)
                .write(List.of(failure)))
        .containsExactly(claim.transition());
    orchestrator.retry(claim.step());
    var taken = by.claim(1).steps();
    assertThat(taken).extracting(Step::id).containsExactly(held.id());
    return taken.getFirst();
  }

  @Override
  public void expireLostClaims() {}

  /** Retries what may be retried, at once, and ends the others. */
  @Override
  public void processReports() {
    for (var report : texts("select step || ' ' || verdict from report where most_recent")) {
      var step = UUID.fromString(report.substring(0, report.indexOf(' ')));
      if (report.endsWith("completed")) {
        orchestrator.complete(step);
      } else if (report.endsWith("failed")) {
        orchestrator.fail(step);
      } else {
        orchestrator.retry(step);
      }
    }
  }

  @Override
  public void makeRetriesDue() {
    processReports();
  }

  @Override
  public List<String> ended() {
    assertThat(contradictions()).isEmpty();
    return texts(
        "select step || ' ' || verdict from report where verdict <> 'retried' order by sort_key");
  }

  /** Steps in a state that no worker of Tasker's would have left them in. */
  private List<String> contradictions() {
    var found =
        texts(
            """
            select 'not one most recent transition: ' || workflow_step_uuid
            from mine join tasker.workflow_step_transitions transition using (workflow_step_uuid)
            group by workflow_step_uuid
            having count(*) filter (where most_recent) <> 1
              or count(*) <> count(distinct sort_key) or count(*) <> max(sort_key)
            union all
            select 'not in process as its state says: ' || workflow_step_uuid
            from mine join tasker.workflow_step_transitions transition using (workflow_step_uuid)
            where most_recent and in_process <> (to_state = 'in_progress')
            union all
            select 'not one message for each report: ' || step
            from (select step::text, count(*) from report group by step) reported
            left join (
              select message ->> 'step_uuid' as step, count(*) as messages
              from pgmq.q_orchestration_step_results group by 1) sent using (step)
            where reported.count is distinct from messages
            union all
            select 'not one audit for each report: ' || step
            from (select step, count(*) from report group by step) reported
            left join (
              select workflow_step_uuid as step, count(*) as audits
              from tasker.workflow_step_result_audit group by 1) audited using (step)
            where reported.count is distinct from audits
            union all
            select 'not the results of its latest report: ' || step
            from (select distinct on (step) * from report order by step, sort_key desc) latest
            join mine on workflow_step_uuid = step
            where results <> result
            """);
    return recovery == null
        ? found
        : Stream.concat(
                found.stream(),
                texts(
                    """
                    select 'not in the journal: ' || workflow_step_uuid
                    from mine join tasker.workflow_step_transitions transition
                      using (workflow_step_uuid)
                    where most_recent and to_state = 'in_progress' and not exists (
                      select from wasm_broker.claim
                      where transition_uuid = workflow_step_transition_uuid)
                    union all
                    select 'nobody has what the journal has: ' || workflow_step_uuid
                    from mine join wasm_broker.claim using (workflow_step_uuid)
                    where not exists (
                      select from tasker.workflow_step_transitions
                      where workflow_step_transition_uuid = transition_uuid
                        and most_recent and to_state = 'in_progress')
                    """)
                    .stream())
            .toList();
  }

  @Override
  public int queued() {
    return count("select count(*) from pgmq.q_" + queue());
  }

  @Override
  public int rejected() {
    return count(
        """
        select count(*) from pgmq.a_%s
        where not coalesce(
          message ->> 'step_uuid' in (select workflow_step_uuid::text from mine), false)
        """
            .formatted(queue()));
  }

  /** Someone cancels the step, whoever holds it. */
  void cancel(UUID step) {
    orchestrator.cancel(step);
  }

  /** How many steps the workers hold. */
  int held() {
    return count(
        """
        select count(*) from mine
        join tasker.workflow_step_transitions transition using (workflow_step_uuid)
        where most_recent and to_state = 'in_progress'
        """);
  }

  private String queue() {
    return FakeOrchestrator.queueOf(namespace);
  }

  private int count(String sql) {
    return Integer.parseInt(texts(sql).getFirst());
  }

  /** Queries {@code mine}, the steps, and {@code report}, what workers have reported about them. */
  private List<String> texts(String sql) {
    var reports =
        """
        with mine as (
          select step.*
          from tasker.workflow_steps step
          join tasker.tasks task using (task_uuid)
          join tasker.named_tasks named_task using (named_task_uuid)
          join tasker.task_namespaces namespace using (task_namespace_uuid)
          where namespace.name = '%s'),
        report as (
          select mine.workflow_step_uuid as step, transition.sort_key, transition.most_recent,
            (transition.metadata ->> 'event')::jsonb -> 'data' as result,
            case
              when transition.to_state = 'enqueued_for_orchestration' then 'completed'
              when next.to_state = 'waiting_for_retry' then 'retried'
              when mine.attempts < mine.max_attempts
                and (transition.metadata ->> 'event')::jsonb #>> '{data,metadata,retryable}' = 'true'
                then 'retried'
              else 'failed' end as verdict
          from mine
          join tasker.workflow_step_transitions transition using (workflow_step_uuid)
          left join tasker.workflow_step_transitions next
            on next.workflow_step_uuid = mine.workflow_step_uuid
              and next.sort_key = transition.sort_key + 1
          where transition.to_state in
            ('enqueued_for_orchestration', 'enqueued_as_error_for_orchestration'))
        """
            .formatted(namespace);
    return postgres.query(reports + sql).stream().map(Objects::requireNonNull).toList();
  }
}
