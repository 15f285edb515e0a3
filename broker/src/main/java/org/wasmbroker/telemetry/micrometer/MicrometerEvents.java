package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TagLimiter;

/**
 * Turns events into meters. A handler is named only as the module that ran it: names in messages
 * are anyone's, and would be time series without end.
 */
final class MicrometerEvents implements EventSink {
  private static final int MAX_HANDLERS = 200;
  private static final int MAX_MODULES = 500;
  private static final int MAX_REASONS = 30;
  private static final int MAX_FUNCTIONS = 100;
  private static final String NO_HANDLER = "none";

  private final MeterRegistry registry;
  private final TagLimiter handlers = new TagLimiter(MAX_HANDLERS, Set.of(NO_HANDLER));
  private final TagLimiter functions = new TagLimiter(MAX_FUNCTIONS, Set.of());
  private final TagLimiter queues = new TagLimiter(MAX_REASONS, Set.of());
  private final TagLimiter reasons = new TagLimiter(MAX_REASONS, Set.of());
  private final Set<ModuleId> modules = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, HandlerMeters> byHandler = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, HostCallMeters> byFunction = new ConcurrentHashMap<>();

  private final HttpMeters http;

  private final Timer queueWait;
  private final Timer claim;
  private final DistributionSummary claimSize;
  private final Counter claimFailures;
  private final Timer renewal;
  private final Counter renewalFailures;
  private final Counter leasesLost;
  private final Timer report;
  private final Timer reportDelay;
  private final DistributionSummary reportSize;
  private final Counter reportFailures;
  private final Counter reportsLate;
  private final Counter outcomesDropped;
  private final Counter stepsRecovered;
  private final Counter resultsResent;
  private final Counter modulesRefused;
  private final Timer moduleLoad;
  private final Counter logLinesDropped;
  private final Counter checkpoints;
  private final Counter domainEvents;
  private final PolicyMeters policy;

  MicrometerEvents(MeterRegistry registry) {
    this.registry = registry;
    this.http = new HttpMeters(registry, handlers);
    policy = new PolicyMeters(registry);
    queueWait =
        timer(
            "wasm.broker.step.queue.wait",
            Buckets.QUEUE_WAIT,
            "From the moment a step could have been run to its start.");
    checkpoints =
        counter("wasm.broker.step.checkpoints", "Checkpoints of long steps that were kept.");
    domainEvents =
        counter(
            "wasm.broker.domain.events",
            "Events of Tasker's templates that were sent to the queues of their namespaces.");
    claim =
        timer(
            "wasm.broker.claim.round.trip",
            Buckets.ROUND_TRIP,
            "One call that claims steps from the queue.");
    claimSize =
        summary("wasm.broker.claim.size", "Steps that one claim brought; 0 is an idle poll.");
    claimFailures =
        counter(
            "wasm.broker.claim.failures", "Claims that the database refused or never answered.");
    renewal =
        timer(
            "wasm.broker.lease.renewal",
            Buckets.ROUND_TRIP,
            "One call that extends the leases of steps that wait or run.");
    renewalFailures =
        counter("wasm.broker.lease.renewal.failures", "Calls that could not extend leases.");
    leasesLost =
        counter(
            "wasm.broker.leases.lost",
            "Steps whose ownership was lost while they waited or ran; their result is dropped.");
    report =
        timer(
            "wasm.broker.report.round.trip",
            Buckets.ROUND_TRIP,
            "One transaction that writes a batch of outcomes.");
    reportDelay =
        timer(
            "wasm.broker.report.delay",
            Buckets.QUEUE_WAIT,
            "From the end of a run to its outcome being written, for the oldest of each batch.");
    reportSize = summary("wasm.broker.report.size", "Outcomes in one written batch.");
    reportFailures =
        counter(
            "wasm.broker.report.failures",
            "Batches that could not be written and are tried again.");
    reportsLate =
        counter(
            "wasm.broker.reports.late",
            "Outcomes dropped because the step belonged to another claim when they were written.");
    outcomesDropped =
        counter(
            "wasm.broker.outcomes.dropped",
            "Outcomes that will not be written; the log says why, and their steps run again.");
    stepsRecovered =
        counter(
            "wasm.broker.steps.recovered",
            "Steps of workers that died which this worker failed, to be tried again.");
    resultsResent =
        counter(
            "wasm.broker.results.resent",
            "Results that the orchestrator could be told of only some time after they were"
                + " written.");
    moduleLoad =
        timer(
            "wasm.broker.module.load",
            Buckets.COMPILE,
            "Making a module ready to run: compiling it, or reading it from the compile cache.");
    modulesRefused =
        counter("wasm.broker.modules.refused", "Modules that cannot be used; the log says why.");
    logLinesDropped =
        counter("wasm.broker.guest.log.dropped", "Guests' log lines beyond their budget.");
  }

  @Override
  public void claimed(int steps, int room, Duration roundTrip) {
    claim.record(roundTrip);
    claimSize.record(steps);
  }

  @Override
  public void claimFailed(Throwable cause, Duration delay) {
    claimFailures.increment();
  }

  @Override
  public void deadLettered(String queue, String reason) {
    Counter.builder("wasm.broker.dead.letters")
        .description("Messages moved to the dead letters, by queue and reason.")
        .tag("queue", queues.limit(queue))
        .tag("reason", reasons.limit(reason))
        .register(registry)
        .increment();
  }

  @Override
  public void stepStarted(Step step, Duration wait) {
    queueWait.record(wait);
  }

  @Override
  public void checkpointKept(Step step, long itemsProcessed) {
    checkpoints.increment();
  }

  @Override
  public void stepEnded(Outcome outcome) {
    var receipt = outcome.receipt();
    var module = receipt.module();
    handler(module == null ? NO_HANDLER : module.handler()).recordOutcome(outcome);
    hostCalls(receipt);
  }

  private HandlerMeters handler(String name) {
    return byHandler.computeIfAbsent(handlers.limit(name), tag -> new HandlerMeters(registry, tag));
  }

  private void hostCalls(Receipt receipt) {
    for (var calls : receipt.hostCalls()) {
      byFunction
          .computeIfAbsent(
              functions.limit(calls.function()), tag -> HostCallMeters.of(registry, tag))
          .count(calls);
    }
    logLinesDropped.increment((double) receipt.logLinesDropped());
  }

  @Override
  public void limitExceeded(String limit) {
    Counter.builder("wasm.broker.limit.exceeded")
        .description("Runs and results that wanted more than a limit allows, by limit.")
        .tag("limit", reasons.limit(limit))
        .register(registry)
        .increment();
  }

  @Override
  public void stepsGivenBack(int steps, String reason) {
    Counter.builder("wasm.broker.steps.given.back")
        .description("Steps returned to their queue without an outcome.")
        .tag("reason", reasons.limit(reason.replace(' ', '_')))
        .register(registry)
        .increment(steps);
  }

  @Override
  public void leaseLost(Step step) {
    leasesLost.increment();
  }

  @Override
  public void leasesRenewed(int steps, Duration roundTrip) {
    renewal.record(roundTrip);
  }

  @Override
  public void renewFailed(int steps, Throwable cause) {
    renewalFailures.increment();
  }

  @Override
  public void reported(int outcomes, Duration roundTrip, Duration oldest) {
    report.record(roundTrip);
    reportDelay.record(oldest);
    reportSize.record(outcomes);
  }

  @Override
  public void reportFailed(int outcomes, Throwable cause, Duration delay) {
    reportFailures.increment();
  }

  @Override
  public void reportedLate(Outcome outcome) {
    reportsLate.increment();
  }

  @Override
  public void outcomeDropped(Outcome outcome, String reason) {
    outcomesDropped.increment();
  }

  @Override
  public void stepsRecovered(int steps, String worker) {
    stepsRecovered.increment(steps);
  }

  @Override
  public void resultsResent(int results) {
    resultsResent.increment(results);
  }

  @Override
  public void moduleLoaded(ModuleId module, int bytes, Duration took) {
    moduleLoad.record(took);
    if (modules.size() < MAX_MODULES && modules.add(module)) {
      Gauge.builder("wasm.broker.module.info", () -> 1)
          .description("A module that was loaded, by handler, version and digest; always 1.")
          .tag("handler", handlers.limit(module.handler()))
          .tag("version", module.version())
          .tag("digest", module.digest().hex())
          .register(registry);
    }
  }

  @Override
  public void moduleRefused(String handler, String reason) {
    modulesRefused.increment();
  }

  @Override
  public void policyApplied(Digest digest, int rules) {
    policy.applied(rules);
  }

  @Override
  public void policyRefused(String reason) {
    policy.refused();
  }

  @Override
  public void domainEventsPublished(int events) {
    domainEvents.increment(events);
  }

  @Override
  public void domainEventFailed(String event, String reason) {
    Counter.builder("wasm.broker.domain.events.failed")
        .description("Events of Tasker's templates that were not sent; the log says why.")
        .tag("reason", reasons.limit(reason))
        .register(registry)
        .increment();
  }

  @Override
  public void secretUsed(ModuleId module, String use, String answer) {
    Counter.builder("wasm.broker.secrets.used")
        .description("Uses of secrets by steps, also those that were refused; `audit` has each.")
        .tag("handler", handlers.limit(module.handler()))
        .tag("use", use)
        .tag("answer", answer)
        .register(registry)
        .increment();
  }

  @Override
  public void httpEnded(
      String handler,
      String rule,
      String outcome,
      Duration took,
      long sentBytes,
      long receivedBytes) {
    http.ended(handler, rule, outcome, took, sentBytes, receivedBytes);
  }

  @Override
  public void httpRefused(String handler, String error, String reason) {
    http.refused(handler, error, reason);
  }

  @Override
  public void httpAudited(String handler, String rule) {
    http.audited(handler, rule);
  }

  private Timer timer(String name, Duration[] buckets, String description) {
    return Meters.timer(name, buckets).description(description).register(registry);
  }

  private DistributionSummary summary(String name, String description) {
    return Meters.summary(name, Buckets.BATCH)
        .description(description)
        .baseUnit("steps")
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
