package org.wasmbroker.grant;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;

/**
 * What the operator grants to one version of a handler, before anyone looks at what its manifest
 * asks for.
 *
 * @param policy the digest of the policy file, or null where there is none
 * @param rules where the rules stand that count
 * @param functions beside those that destinations and secrets bring
 * @param resourceClass the largest class that it may have
 * @param classes all classes there are
 * @param base the limits where neither class nor rule says otherwise
 * @param limits what rules say otherwise
 */
public record PolicyGrants(
    @Nullable Digest policy,
    List<String> rules,
    Set<AbiFunction> functions,
    List<DestinationGrant> http,
    Map<SecretName, SecretGrant> secrets,
    ResourceClass resourceClass,
    Map<ResourceClassName, ResourceClass> classes,
    Limits base,
    Map<LimitKind, Long> limits,
    Duration timeResolution,
    int newWork) {

  /** The functions with those that destinations and readable secrets bring. */
  public Set<AbiFunction> allFunctions() {
    var all = new TreeSet<>(functions);
    if (!http.isEmpty()) {
      all.add(AbiFunction.HTTP_REQUEST);
    }
    if (secrets.values().stream().anyMatch(SecretGrant::readable)) {
      all.add(AbiFunction.READ_SECRET);
    }
    return all;
  }

  /** The part that is asked for. */
  public Grants intersect(RequestedCapabilities requested) {
    var functions = allFunctions();
    functions.retainAll(requested.functions());
    var effectiveSecrets = new HashMap<>(secrets);
    effectiveSecrets.keySet().removeIf(name -> !requested.requests(name));
    var resourceClass = effectiveClass(requested.resourceClass());
    return Grants.of(
        functions,
        new HttpGrants(requested.http(), http),
        effectiveSecrets,
        resourceClass.name(),
        ResourceClass.override(resourceClass.applyTo(base), limits),
        timeResolution,
        newWork,
        policy);
  }

  /** The smaller of the class that is asked for and the one that is granted. */
  private ResourceClass effectiveClass(@Nullable ResourceClassName requested) {
    var requestedClass = requested == null ? null : classes.get(requested);
    return requestedClass == null || requestedClass.memoryBytes() >= resourceClass.memoryBytes()
        ? resourceClass
        : requestedClass;
  }
}
