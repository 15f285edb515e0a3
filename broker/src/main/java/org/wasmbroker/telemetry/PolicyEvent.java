package org.wasmbroker.telemetry;

import org.wasmbroker.step.Digest;

/** Loading the policy file. */
public sealed interface PolicyEvent extends BrokerEvent {
  /** A policy file is in force, newly or again after one that could not be used. */
  record Applied(Digest digest, int rules) implements PolicyEvent {}

  /** The current policy file cannot be used; the previous policy stays in force. */
  record Refused(String reason) implements PolicyEvent {}
}
