package org.wasmbroker.recording;

import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.sandbox.GuestCapability;

/** What was used of a capability from call to call. */
final class UsageDelta {
  private final GuestCapability capability;
  private Map<String, Long> counted = Map.of();

  UsageDelta(GuestCapability capability) {
    this.capability = capability;
  }

  /** What was used since the last call, by name, without what was not. */
  Map<String, Long> take() {
    var usage = capability.usage();
    if (usage == null) {
      return Map.of();
    }
    var more = new TreeMap<String, Long>();
    usage
        .counts()
        .forEach(
            (name, count) -> {
              long added = count - counted.getOrDefault(name, 0L);
              if (added != 0) {
                more.put(name, added);
              }
            });
    counted = usage.counts();
    return more;
  }
}
