package org.wasmbroker.grant;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.CapabilityRequests;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;

/**
 * What a module's manifest requests. A request grants nothing.
 *
 * @param functions the names of the host functions that it calls
 * @param requests what it requests of each capability
 * @param resourceClass the class that it needs, or null for the operator's choice
 */
public record RequestedCapabilities(
    Set<String> functions, CapabilityRequests requests, @Nullable ResourceClassName resourceClass) {
  /** The requests of a manifest that has no {@code capabilities}: the basic functions. */
  public static final RequestedCapabilities BASIC = defaults(Capabilities.STANDARD, null);

  /** More than any handler has a reason to request. */
  private static final int MAX_FUNCTIONS = 100;

  public RequestedCapabilities {
    functions = Set.copyOf(functions);
  }

  /** The requests of a manifest that has no {@code capabilities}. */
  public static RequestedCapabilities defaults(
      Capabilities table, @Nullable ResourceClassName resourceClass) {
    return new RequestedCapabilities(
        table.basicFunctions(), CapabilityRequests.defaults(table), resourceClass);
  }

  /** Reads a manifest's {@code capabilities}. */
  public static RequestedCapabilities read(
      Capabilities table, ObjectReader capabilities, @Nullable ResourceClassName resourceClass) {
    var names = table.functionNames();
    var functions =
        capabilities.array(
            "host_functions",
            MAX_FUNCTIONS,
            value ->
                Optional.ofNullable(
                    value.parse(
                        name -> {
                          if (!names.contains(name)) {
                            throw new IllegalArgumentException(Names.notOneOf(name, names));
                          }
                          return name;
                        })));
    var requests = CapabilityRequests.read(table, capabilities);
    capabilities.finish();
    return new RequestedCapabilities(
        capabilities.has("host_functions") ? new HashSet<>(functions) : table.basicFunctions(),
        requests,
        resourceClass);
  }

  /** What it requests of a capability. */
  public <R> R of(Capability<R, ?, ?> capability) {
    return requests.of(capability);
  }
}
