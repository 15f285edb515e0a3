package org.wasmbroker.capability;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/** What is effective of each capability. Immutable. */
public record CapabilityGrants(Map<Capability<?, ?, ?>, Object> byCapability) {
  public CapabilityGrants {
    byCapability = Collections.unmodifiableMap(new LinkedHashMap<>(byCapability));
  }

  /** The part of what is permitted that is requested. */
  public static CapabilityGrants of(
      Capabilities table, CapabilityRequests requested, CapabilityPermits permitted) {
    var grants = new LinkedHashMap<Capability<?, ?, ?>, Object>();
    for (var capability : table.all()) {
      grants.put(capability, intersect(capability, requested, permitted));
    }
    return new CapabilityGrants(grants);
  }

  private static <R, P> Object intersect(
      Capability<R, P, ?> capability, CapabilityRequests requested, CapabilityPermits permitted) {
    return capability.intersect(requested.of(capability), permitted.of(capability));
  }

  /** These with another grant of one capability. */
  public <G> CapabilityGrants with(Capability<?, ?, G> capability, G grant) {
    var grants = new LinkedHashMap<>(byCapability);
    grants.put(capability, grant);
    return new CapabilityGrants(grants);
  }

  @SuppressWarnings("unchecked") // put there by the capability's own methods
  public <G> G of(Capability<?, ?, G> capability) {
    return (G) Objects.requireNonNull(byCapability.get(capability), capability::name);
  }

  /** Adds what is effective to a receipt. */
  public void summarize(ObjectNode receipt) {
    byCapability.keySet().forEach(capability -> summarize(capability, receipt));
  }

  private <G> void summarize(Capability<?, ?, G> capability, ObjectNode receipt) {
    capability.summarize(of(capability), receipt);
  }
}
