package org.wasmbroker.telemetry;

/** What only a worker of Tasker does. */
public sealed interface TaskerEvent extends BrokerEvent {
  /** Steps of a worker that died were failed, so that they can be retried. */
  record StepsRecovered(int steps, String worker) implements TaskerEvent {}

  /** Results that had been written without notifying the orchestrator were sent to it again. */
  record ResultsResent(int results) implements TaskerEvent {}

  /** Domain events were published to the queues of their namespaces. */
  record DomainEventsPublished(int events) implements TaskerEvent {}

  /**
   * A domain event was not published; its step is unaffected.
   *
   * @param reason {@code schema} or {@code database}
   */
  record DomainEventFailed(String event, String reason) implements TaskerEvent {}
}
