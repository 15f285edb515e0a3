package org.wasmbroker.grant.trust;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A demand of the policy: the modules of these handlers are signed by one of these keys, or by all
 * of them.
 *
 * @param location its location in the policy, such as {@code signatures.rules[2]}
 */
public record SignatureRule(
    String location, HandlerSet handlers, boolean all, List<TrustKey> keys) {
  public SignatureRule {
    keys = List.copyOf(keys);
  }

  /** What it demands, for people. */
  public String describe() {
    var names = keys.stream().map(TrustKey::name).collect(Collectors.joining(", "));
    return keys.size() == 1
        ? "key " + names
        : (all ? "all of the keys " : "one of the keys ") + names;
  }
}
