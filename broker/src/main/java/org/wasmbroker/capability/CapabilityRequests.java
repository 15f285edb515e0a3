package org.wasmbroker.capability;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.document.ObjectReader;

/** What a manifest requests of each capability. Immutable. */
public record CapabilityRequests(Map<Capability<?, ?, ?>, Object> byCapability) {
  public CapabilityRequests {
    byCapability = Collections.unmodifiableMap(new LinkedHashMap<>(byCapability));
  }

  /** The requests of a manifest that does not mention capabilities. */
  public static CapabilityRequests defaults(Capabilities table) {
    var requests = new LinkedHashMap<Capability<?, ?, ?>, Object>();
    for (var capability : table.all()) {
      requests.put(capability, capability.defaultRequest());
    }
    return new CapabilityRequests(requests);
  }

  /** Lets each capability read its own members. */
  public static CapabilityRequests read(Capabilities table, ObjectReader capabilities) {
    var requests = new LinkedHashMap<Capability<?, ?, ?>, Object>();
    for (var capability : table.all()) {
      requests.put(capability, capability.readRequest(capabilities));
    }
    return new CapabilityRequests(requests);
  }

  /** These with another request of one capability. */
  public <R> CapabilityRequests with(Capability<R, ?, ?> capability, R request) {
    var requests = new LinkedHashMap<>(byCapability);
    requests.put(capability, request);
    return new CapabilityRequests(requests);
  }

  @SuppressWarnings("unchecked") // put there by the capability's own methods
  public <R> R of(Capability<R, ?, ?> capability) {
    return (R) Objects.requireNonNull(byCapability.get(capability), capability::name);
  }
}
