package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * What happens in the broker, told by the stage in which it happens. Every method is quick, throws
 * nothing and may be called from any thread.
 */
public interface EventSink {
  /** Reports nothing to nobody. */
  EventSink NONE = new EventSink() {};

  /** Tells every event to each of the listeners, in their order. */
  static EventSink all(List<EventSink> listeners) {
    return new AllEvents(listeners);
  }

  /** Intake read once: it asked for at most {@code room} steps and got {@code steps}. */
  default void claimed(int steps, int room, Duration roundTrip) {}

  /** Intake could not read; it tries again after {@code delay}. */
  default void claimFailed(Throwable cause, Duration delay) {}

  /** A message was no step, or may not be tried any more, and went to the dead letters. */
  default void deadLettered(String queue, String reason) {}

  /** A step's run begins, {@code queueWait} after it could have been run. */
  default void stepStarted(Step step, Duration queueWait) {}

  /** A step's progress was kept, and its next run goes on from there. */
  default void checkpointKept(Step step, long itemsProcessed) {}

  /** A step's run ended; the outcome has the receipt. */
  default void stepEnded(Outcome outcome) {}

  /**
   * A run, or a result, wanted more than a limit allows.
   *
   * @param limit its name, such as {@code host_calls}
   */
  default void limitExceeded(String limit) {}

  /** A step was returned to its queue without an outcome. */
  default void stepsGivenBack(int steps, String reason) {}

  /** The ownership of a step was lost while it waited or ran; its result is dropped. */
  default void leaseLost(Step step) {}

  /** Leases were extended in one call. */
  default void leasesRenewed(int steps, Duration roundTrip) {}

  /** Leases could not be extended; it is tried again soon. */
  default void renewFailed(int steps, Throwable cause) {}

  /**
   * A batch of outcomes was written.
   *
   * @param oldest how long the oldest of them had waited for it
   */
  default void reported(int outcomes, Duration roundTrip, Duration oldest) {}

  /** A batch of outcomes could not be written; it is tried again after {@code delay}. */
  default void reportFailed(int outcomes, Throwable cause, Duration delay) {}

  /** An outcome came too late: the step is owned by another claim, and nothing was written. */
  default void reportedLate(Outcome outcome) {}

  /** An outcome will not be written: the step's lease ends by itself, and it runs again. */
  default void outcomeDropped(Outcome outcome, String reason) {}

  /** Steps of a worker that died were failed, so that they can be tried again. */
  default void stepsRecovered(int steps, String worker) {}

  /**
   * The orchestrator was told of results that had been written before and could not be told then.
   */
  default void resultsResent(int results) {}

  /** A module is ready to run. */
  default void moduleLoaded(ModuleId module, int bytes, Duration took) {}

  /** A handler's module cannot be used. */
  default void moduleRefused(String handler, String reason) {}

  /** A policy file holds from now on, or holds still after one that could not be used. */
  default void policyApplied(Digest digest, int rules) {}

  /** The policy file that is in place cannot be used; the one before it stays. */
  default void policyRefused(String reason) {}

  /** Events that task templates declare were sent to the queues of their namespaces. */
  default void domainEventsPublished(int events) {}

  /**
   * An event was not sent; the step that it is about is not concerned.
   *
   * @param reason a word: {@code schema}, {@code unreadable}, {@code database}
   */
  default void domainEventFailed(String event, String reason) {}

  /**
   * A step used a secret, or tried to.
   *
   * @param use {@code read}, {@code fill}, or {@code leak} for a value in what the step said
   * @param answer {@code allowed}, {@code denied}, {@code not_found}, {@code unavailable}, {@code
   *     refused}
   */
  default void secretUsed(ModuleId module, String use, String answer) {}

  /**
   * A guest's HTTP request was sent, and is over.
   *
   * @param rule where the policy grants it
   * @param outcome the class of the answer's status, such as {@code 2xx}, or the type of the error
   * @param took from the guest's call to the end of the answer
   */
  default void httpEnded(
      String handler,
      String rule,
      String outcome,
      Duration took,
      long sentBytes,
      long receivedBytes) {}

  /**
   * A guest's HTTP request has no answer.
   *
   * @param error the type of the error
   * @param reason a word: {@code destination}, {@code address}, {@code rate}, {@code secret}, …
   */
  default void httpRefused(String handler, String error, String reason) {}

  /** A rule of the policy in mode {@code audit} alone allowed a guest's HTTP request. */
  default void httpAudited(String handler, String rule) {}

  /** The broker began to drain. */
  default void draining(int running, int waiting) {}
}
