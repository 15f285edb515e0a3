package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * One run of a module.
 *
 * @param input what the guest reads
 * @param limits what the guest may use; the time runs from the start of instantiation
 * @param cancellation stops this run alone
 * @param log where the guest's log lines go
 * @param access what the guest may reach beyond its instance
 */
public record Invocation(
    Document input, Limits limits, Cancellation cancellation, GuestLog log, Access access) {

  public Invocation withLimits(Limits newLimits) {
    return new Invocation(input, newLimits, cancellation, log, access);
  }
}
