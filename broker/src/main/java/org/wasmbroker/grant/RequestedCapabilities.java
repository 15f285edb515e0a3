package org.wasmbroker.grant;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.url.Destination;

/**
 * What a module's manifest asks for. Asking grants nothing.
 *
 * @param functions the host functions that it calls
 * @param http the destinations of its requests
 * @param secrets the secrets that it reads or has filled into requests
 * @param allSecrets whether it asks for whatever secrets are granted, as one does whose steps name
 *     them
 * @param resourceClass the class that it needs, or null for the operator's choice
 */
public record RequestedCapabilities(
    Set<AbiFunction> functions,
    List<Destination> http,
    Set<SecretName> secrets,
    boolean allSecrets,
    @Nullable ResourceClassName resourceClass) {
  /** Of a manifest that says nothing: the basic functions. */
  public static final RequestedCapabilities BASIC =
      new RequestedCapabilities(AbiFunction.basic(), List.of(), Set.of(), false, null);

  public RequestedCapabilities {
    functions = Set.copyOf(functions);
    http = List.copyOf(http);
    secrets = Set.copyOf(secrets);
  }

  boolean requests(SecretName name) {
    return allSecrets || secrets.contains(name);
  }
}
