package org.wasmbroker.registry.trust;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.step.Digest;

/** All approvals, by digest. */
public record Approvals(List<Approval> list, Map<Digest, Approval> byDigest) {
  public static final Approvals NONE = of(List.of());

  public static Approvals of(List<Approval> list) {
    var byDigest = new LinkedHashMap<Digest, Approval>();
    list.forEach(approval -> byDigest.putIfAbsent(approval.digest(), approval));
    return new Approvals(List.copyOf(list), Map.copyOf(byDigest));
  }

  public Optional<Approval> of(Digest digest) {
    return Optional.ofNullable(byDigest.get(digest));
  }
}
