package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * What one run of a module needs.
 *
 * @param handler the handler's name, which a WASI guest sees as its program's name
 * @param input what the guest reads
 * @param limits what the guest may use; its time starts with instantiation
 * @param cancellation stops this run only
 * @param log where the guest's log lines go
 * @param access what the guest may reach outside its instance
 */
public record Invocation(
    String handler,
    Document input,
    Limits limits,
    Cancellation cancellation,
    GuestLog log,
    Access access) {

  public Invocation withLimits(Limits newLimits) {
    return new Invocation(handler, input, newLimits, cancellation, log, access);
  }
}
