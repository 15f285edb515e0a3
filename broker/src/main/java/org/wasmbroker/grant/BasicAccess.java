package org.wasmbroker.grant;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.StepError;

/** The access of a step to which neither destinations nor secrets are granted. */
final class BasicAccess implements StepAccess {
  private final Grants grants;
  private final Access access;

  BasicAccess(Grants grants) {
    this.grants = grants;
    this.access =
        new Access(grants.functionNames(), List.of(GuestTime.of(grants.timeResolution())));
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public @Nullable StepError checkOutput(Document output) {
    return null;
  }

  @Override
  public StepError redact(StepError error) {
    return error;
  }

  @Override
  public GrantUsage usage() {
    return new GrantUsage(grants.summary(), 0, 0, 0);
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
