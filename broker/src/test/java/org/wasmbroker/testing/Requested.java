package org.wasmbroker.testing;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityRequests;
import org.wasmbroker.capability.SecretRequest;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.url.Destination;

/** Makes what a manifest requests. */
public final class Requested {
  private Requested() {}

  public static RequestedCapabilities of(
      Collection<String> functions,
      List<Destination> http,
      SecretRequest secrets,
      @Nullable ResourceClassName resourceClass) {
    return new RequestedCapabilities(
        Set.copyOf(functions),
        CapabilityRequests.defaults(Capabilities.STANDARD)
            .with(Capabilities.HTTP, http)
            .with(Capabilities.SECRETS, secrets),
        resourceClass);
  }
}
