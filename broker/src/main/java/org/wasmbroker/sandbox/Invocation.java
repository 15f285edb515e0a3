package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * What one run of a module needs.
 *
 * @param handler the handler's name, which a WASI guest sees as its program's name
 * @param input what the guest reads
 * @param limits what the guest may use; its time starts with instantiation, and stands while it
 *     waits for a permit
 * @param cancellation stops this run only
 * @param log where the guest's log lines go
 * @param access what the guest may reach outside its instance
 * @param permit the right to use a processor, which the run has when it begins
 * @param image what the instance starts with, made by {@link ImageMaker#prepare} of the same module
 *     from the {@link HandlerConfiguration} of the input; or null
 */
public record Invocation(
    String handler,
    Document input,
    Limits limits,
    Cancellation cancellation,
    GuestLog log,
    Access access,
    ComputePermit permit,
    @Nullable PreparedImage image) {

  /** Without an image. */
  public Invocation(
      String handler,
      Document input,
      Limits limits,
      Cancellation cancellation,
      GuestLog log,
      Access access,
      ComputePermit permit) {
    this(handler, input, limits, cancellation, log, access, permit, null);
  }

  /** Without an image; shares its processor with nobody. */
  public Invocation(
      String handler,
      Document input,
      Limits limits,
      Cancellation cancellation,
      GuestLog log,
      Access access) {
    this(handler, input, limits, cancellation, log, access, ComputePermit.UNSHARED);
  }

  public Invocation withLimits(Limits newLimits) {
    return new Invocation(handler, input, newLimits, cancellation, log, access, permit, image);
  }

  /** Starting with an image. */
  public Invocation withImage(PreparedImage newImage) {
    return new Invocation(handler, input, limits, cancellation, log, access, permit, newImage);
  }
}
