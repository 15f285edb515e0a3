package org.wasmbroker.sandbox.component;

import java.util.HashMap;
import java.util.Map;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/** What is done with resources that guests give back. Of most of them it is nothing. */
final class Droppers {
  private final Map<String, Dropper> byResource = new HashMap<>();

  /** Takes one resource back. */
  @FunctionalInterface
  interface Dropper {
    void drop(ComponentCall call, Object value) throws GuestStoppedException;
  }

  void add(String resource, Dropper dropper) {
    byResource.put(resource, dropper);
  }

  void drop(ComponentCall call, String resource, Object value) throws GuestStoppedException {
    var dropper = byResource.get(resource);
    if (dropper == null) {
      call.count();
    } else {
      dropper.drop(call, value);
    }
  }
}
