package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.sandbox.host.HostFunction;

/**
 * Something that a guest may be able to do beyond computing, as one object. The table of them is
 * {@link Capabilities}.
 */
public interface Capability {
  /** A word for it, such as {@code http}. */
  String name();

  /** Its host functions, in the order of {@code docs/guest-abi.md}. */
  List<HostFunction> functions();

  /** Whether every handler has it unless the operator's policy takes it away. */
  boolean isBasic();
}
