package org.wasmbroker.grant.trust;

import java.util.List;

/**
 * Everything that the policy demands of the modules that the broker does not come with. Demands add
 * up: every rule that names a handler has to be met.
 *
 * @param approval the handlers whose modules a person has to approve before their first run
 */
public record TrustRules(List<TrustKey> keys, List<SignatureRule> signatures, HandlerSet approval) {
  /** Nothing is demanded. */
  public static final TrustRules NONE = new TrustRules(List.of(), List.of(), HandlerSet.NONE);

  public TrustRules {
    keys = List.copyOf(keys);
    signatures = List.copyOf(signatures);
  }

  /** The rules that have to be met by modules of that handler. */
  public List<SignatureRule> signaturesFor(String handler) {
    return signatures.stream().filter(rule -> rule.handlers().contains(handler)).toList();
  }

  public boolean needsApproval(String handler) {
    return approval.contains(handler);
  }
}
