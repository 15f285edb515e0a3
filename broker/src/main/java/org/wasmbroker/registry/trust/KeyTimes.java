package org.wasmbroker.registry.trust;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.wasmbroker.grant.trust.TrustKey;
import org.wasmbroker.grant.trust.TrustRules;

/**
 * What the time means for the keys of a policy, at one moment.
 *
 * @param accepted whether each key is accepted, by its name
 * @param ends when those that end do
 * @param ending those that end soon or have ended, with what to do
 */
record KeyTimes(
    Map<String, Boolean> accepted, Map<String, Instant> ends, Map<String, String> ending) {
  static final KeyTimes NONE = new KeyTimes(Map.of(), Map.of(), Map.of());

  /** So long before its end a person is told: enough for a new key to reach every module. */
  static final Duration NOTICE = Duration.ofDays(14);

  static KeyTimes at(Instant now, TrustRules rules) {
    var accepted = new LinkedHashMap<String, Boolean>();
    var ends = new LinkedHashMap<String, Instant>();
    var ending = new LinkedHashMap<String, String>();
    for (var key : rules.keys()) {
      accepted.put(key.name(), key.isAcceptedAt(now));
      var end = key.notAfter();
      if (end != null) {
        ends.put(key.name(), end);
        if (!now.isBefore(end.minus(NOTICE))) {
          ending.put(key.name(), notice(key, end, now));
        }
      }
    }
    return new KeyTimes(accepted, ends, ending);
  }

  private static String notice(TrustKey key, Instant end, Instant now) {
    return key.isOver(now)
        ? "key %s is not accepted any more since %s; modules that only it signed do not run"
            .formatted(key.name(), end)
        : "key %s is accepted until %s; sign its modules with another key before that"
            .formatted(key.name(), end);
  }

  /** All notices in one text, or empty. */
  String notices() {
    return ending.values().stream().collect(Collectors.joining("; "));
  }
}
