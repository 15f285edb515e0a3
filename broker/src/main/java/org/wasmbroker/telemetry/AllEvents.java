package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** Tells every event to each listener, in order. */
record AllEvents(List<EventSink> listeners) implements EventSink {
  AllEvents {
    listeners = List.copyOf(listeners);
  }

  private void tell(Consumer<EventSink> event) {
    for (var listener : listeners) {
      event.accept(listener);
    }
  }

  @Override
  public void claimed(int steps, int room, Duration roundTrip) {
    tell(to -> to.claimed(steps, room, roundTrip));
  }

  @Override
  public void claimFailed(Throwable cause, Duration delay) {
    tell(to -> to.claimFailed(cause, delay));
  }

  @Override
  public void deadLettered(String queue, String reason) {
    tell(to -> to.deadLettered(queue, reason));
  }

  @Override
  public void stepStarted(Step step, Duration queueWait) {
    tell(to -> to.stepStarted(step, queueWait));
  }

  @Override
  public void checkpointKept(Step step, long itemsProcessed) {
    tell(to -> to.checkpointKept(step, itemsProcessed));
  }

  @Override
  public void stepEnded(Outcome outcome) {
    tell(to -> to.stepEnded(outcome));
  }

  @Override
  public void limitExceeded(String limit) {
    tell(to -> to.limitExceeded(limit));
  }

  @Override
  public void stepsGivenBack(int steps, String reason) {
    tell(to -> to.stepsGivenBack(steps, reason));
  }

  @Override
  public void leaseLost(Step step) {
    tell(to -> to.leaseLost(step));
  }

  @Override
  public void leasesRenewed(int steps, Duration roundTrip) {
    tell(to -> to.leasesRenewed(steps, roundTrip));
  }

  @Override
  public void renewFailed(int steps, Throwable cause) {
    tell(to -> to.renewFailed(steps, cause));
  }

  @Override
  public void reported(int outcomes, Duration roundTrip, Duration oldest) {
    tell(to -> to.reported(outcomes, roundTrip, oldest));
  }

  @Override
  public void reportFailed(int outcomes, Throwable cause, Duration delay) {
    tell(to -> to.reportFailed(outcomes, cause, delay));
  }

  @Override
  public void reportedLate(Outcome outcome) {
    tell(to -> to.reportedLate(outcome));
  }

  @Override
  public void outcomeDropped(Outcome outcome, String reason) {
    tell(to -> to.outcomeDropped(outcome, reason));
  }

  @Override
  public void stepsRecovered(int steps, String worker) {
    tell(to -> to.stepsRecovered(steps, worker));
  }

  @Override
  public void resultsResent(int results) {
    tell(to -> to.resultsResent(results));
  }

  @Override
  public void moduleLoaded(ModuleId module, int bytes, Duration took) {
    tell(to -> to.moduleLoaded(module, bytes, took));
  }

  @Override
  public void moduleRefused(String handler, String reason) {
    tell(to -> to.moduleRefused(handler, reason));
  }

  @Override
  public void policyApplied(Digest digest, int rules) {
    tell(to -> to.policyApplied(digest, rules));
  }

  @Override
  public void policyRefused(String reason) {
    tell(to -> to.policyRefused(reason));
  }

  @Override
  public void domainEventsPublished(int events) {
    tell(to -> to.domainEventsPublished(events));
  }

  @Override
  public void domainEventFailed(String event, String reason) {
    tell(to -> to.domainEventFailed(event, reason));
  }

  @Override
  public void secretUsed(ModuleId module, String use, String answer) {
    tell(to -> to.secretUsed(module, use, answer));
  }

  @Override
  public void httpEnded(
      String handler,
      String rule,
      String outcome,
      Duration took,
      long sentBytes,
      long receivedBytes) {
    tell(to -> to.httpEnded(handler, rule, outcome, took, sentBytes, receivedBytes));
  }

  @Override
  public void httpRefused(String handler, String error, String reason) {
    tell(to -> to.httpRefused(handler, error, reason));
  }

  @Override
  public void httpAudited(String handler, String rule) {
    tell(to -> to.httpAudited(handler, rule));
  }

  @Override
  public void draining(int running, int waiting) {
    tell(to -> to.draining(running, waiting));
  }
}
