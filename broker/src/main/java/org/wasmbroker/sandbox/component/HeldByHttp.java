package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.RunLocal;

/**
 * How much a run's fields and requests hold of the host's memory, with which no function of ABI v1
 * has to do yet: bodies that are written before their requests are handled, and the documents of
 * those that are handled before their bodies are.
 */
final class HeldByHttp {
  static final int MAX_BYTES = 4 << 20;

  private static final RunLocal<HeldByHttp> HELD = new RunLocal<>(HeldByHttp::new, _ -> {});

  private int bytes;

  static HeldByHttp of(ComponentCall call) {
    return HELD.get(call.run());
  }

  boolean hasRoomFor(int more) {
    return more <= MAX_BYTES - bytes;
  }

  void add(int more, ComponentCall call) throws GuestStoppedException {
    if (!hasRoomFor(more)) {
      throw call.run()
          .violated(
              "its headers, and its requests that are not sent, have more than %d bytes"
                  .formatted(MAX_BYTES));
    }
    bytes += more;
  }

  void remove(int fewer) {
    bytes -= fewer;
  }
}
