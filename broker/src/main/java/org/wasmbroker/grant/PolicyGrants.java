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
 * @param table all capabilities
 * @param policy the digest of the policy file, or null if there is none
 * @param rules the locations of the rules that apply
 * @param functions besides those that other grants imply
 * @param permits what is permitted of each capability
 * @param resourceClass the largest class that it may have
 * @param classes all classes
 * @param base the limits unless a class or a rule overrides them
 * @param limits the limits that rules override
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

  /** The functions, including those that other grants imply, such as destinations. */
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

  /** The smaller of the class that is requested and the one that is granted. */
  private ResourceClass effectiveClass(@Nullable ResourceClassName requested) {
    var requestedClass = requested == null ? null : classes.get(requested);
    return requestedClass == null || requestedClass.memoryBytes() >= resourceClass.memoryBytes()
        ? resourceClass
        : requestedClass;
  }
}
