package org.wasmbroker.sandbox.host;

import org.wasmbroker.sandbox.Invocation;

/** What host functions keep between the calls of one run. Used by the run's thread only. */
public final class RunState {
  private final Invocation invocation;

  public RunState(Invocation invocation) {
    this.invocation = invocation;
  }

  public Invocation invocation() {
    return invocation;
  }
}
