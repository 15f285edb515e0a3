package org.wasmbroker.sandbox;

import java.time.Duration;
import java.util.Set;

/**
 * What a run may reach beyond its own instance.
 *
 * @param functions the host functions that answer; the others say DENIED
 * @param time the clocks that the guest sees
 */
public record Access(
    Set<AbiFunction> functions, GuestHttp http, GuestSecrets secrets, GuestTime time) {

  public Access {
    functions = Set.copyOf(functions);
  }

  /** Input, output, log and time, and nothing else. */
  public static Access basic() {
    return new Access(
        AbiFunction.basic(), GuestHttp.NONE, GuestSecrets.NONE, GuestTime.of(Duration.ZERO));
  }
}
