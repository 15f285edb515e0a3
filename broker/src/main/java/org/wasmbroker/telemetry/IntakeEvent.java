package org.wasmbroker.telemetry;

import java.time.Duration;

/** Claiming steps and keeping their leases. */
public sealed interface IntakeEvent extends BrokerEvent {
  /** A claim requested at most {@code capacity} steps and got {@code steps}. */
  record Claimed(int steps, int capacity, Duration roundTrip) implements IntakeEvent {}

  /** A claim failed; it is retried after {@code delay}. */
  record ClaimFailed(Throwable cause, Duration delay) implements IntakeEvent {}

  /** A message that is not a step, or has no attempts left, was dead-lettered. */
  record DeadLettered(String queue, String reason) implements IntakeEvent {}

  /** Leases were extended in one call. */
  record LeasesExtended(int steps, Duration roundTrip) implements IntakeEvent {}

  /** Leases could not be extended; it is retried soon. */
  record LeaseExtensionFailed(int steps, Throwable cause) implements IntakeEvent {}
}
