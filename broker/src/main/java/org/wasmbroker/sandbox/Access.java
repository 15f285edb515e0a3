package org.wasmbroker.sandbox;

import java.time.Duration;
import java.util.Set;

/**
 * What a run may reach beyond its own instance.
 *
 * @param functions the host functions that answer; the others say DENIED
 * @param timeResolution the smallest step of the clocks that the guest sees; 0 leaves them as they
 *     are
 */
public record Access(
    Set<AbiFunction> functions, GuestHttp http, GuestSecrets secrets, Duration timeResolution) {

  /** Input, output, log and time, and nothing else. */
  public static final Access BASIC =
      new Access(AbiFunction.basic(), GuestHttp.NONE, GuestSecrets.NONE, Duration.ZERO);

  public Access {
    functions = Set.copyOf(functions);
  }
}
