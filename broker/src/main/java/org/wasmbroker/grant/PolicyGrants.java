package org.wasmbroker.grant;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.CapabilityGrants;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;

/**
 * What the operator grants to one version of a handler, regardless of what its manifest requests.
 *
 * @param table the capabilities that there are
 * @param policy the digest of the policy file, or null where there is none
 * @param rules the paths of the applicable rules
 * @param functions in addition to those that other grants imply
 * @param permits what is permitted of each capability
 * @param resourceClass the largest class that it may have
 * @param classes all classes there are
 * @param base the limits that neither the class nor a rule overrides
 * @param limits the overrides of the rules
 */
public record PolicyGrants(
    Capabilities table,
    @Nullable Digest policy,
    List<String> rules,
    Set<String> functions,
    CapabilityPermits permits,
    ResourceClass resourceClass,
    Map<ResourceClassName, ResourceClass> classes,
    Limits base,
    Map<LimitKind, Long> limits,
    int newWork) {

  /** What is permitted of a capability. */
  public <P> P of(Capability<?, P, ?> capability) {
    return permits.of(capability);
  }

  /** The functions including those that other grants imply, such as destinations. */
  public Set<String> allFunctions() {
    var all = new HashSet<>(functions);
    for (var capability : table.all()) {
      if (isGranted(capability)) {
        all.addAll(Capabilities.namesOf(capability));
      }
    }
    return all;
  }

  private <P> boolean isGranted(Capability<?, P, ?> capability) {
    return capability.isGranted(of(capability));
  }

  /** The part that is requested. */
  public Grants intersect(RequestedCapabilities requested) {
    var granted = allFunctions();
    granted.retainAll(requested.functions());
    var effectiveClass = effectiveClass(requested.resourceClass());
    return Grants.of(
        table,
        granted,
        CapabilityGrants.of(table, requested.requests(), permits),
        effectiveClass.name(),
        ResourceClass.override(effectiveClass.applyTo(base), limits),
        newWork,
        policy);
  }

  /** The smaller of the requested and the granted class. */
  private ResourceClass effectiveClass(@Nullable ResourceClassName requested) {
    var requestedClass = requested == null ? null : classes.get(requested);
    return requestedClass == null || requestedClass.memoryBytes() >= resourceClass.memoryBytes()
        ? resourceClass
        : requestedClass;
  }
}
