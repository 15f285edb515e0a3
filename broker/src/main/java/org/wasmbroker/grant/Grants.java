package org.wasmbroker.grant;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.CapabilityGrants;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.capability.CapabilityRequests;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

/**
 * The effective grants of one version of a handler: the part of its manifest's requests that the
 * operator's policy grants. Computed once for a module and a policy, not for each step.
 *
 * @param functions the names of the host functions that are granted
 * @param capabilities what is granted of each capability
 * @param resourceClass the class that its limits are of
 * @param newWork how many new steps or items one result may request
 * @param policy the digest of the policy file, or null if there is none
 * @param summary all of the above for the receipt, a JSON object
 */
public record Grants(
    Set<String> functions,
    CapabilityGrants capabilities,
    ResourceClassName resourceClass,
    Limits limits,
    int newWork,
    @Nullable Digest policy,
    Document summary) {
  public static final int DEFAULT_NEW_WORK = (int) LimitKind.NEW_WORK.defaultValue();

  private static final JsonMapper JSON = new JsonMapper();

  /** The basic functions and the default limits. */
  public static final Grants NONE = basic(Limits.DEFAULTS);

  public Grants {
    functions = Set.copyOf(functions);
    if (newWork < 0) {
      throw new IllegalArgumentException("new-work must be at least 0, was " + newWork);
    }
  }

  /** Computes the summary. */
  public static Grants of(
      Capabilities table,
      Set<String> functions,
      CapabilityGrants capabilities,
      ResourceClassName resourceClass,
      Limits limits,
      int newWork,
      @Nullable Digest policy) {
    return new Grants(
        functions,
        capabilities,
        resourceClass,
        limits,
        newWork,
        policy,
        summary(table, functions, capabilities, resourceClass, policy));
  }

  /** The basic functions with these limits. */
  public static Grants basic(Limits limits) {
    var table = Capabilities.STANDARD;
    return of(
        table,
        table.basicFunctions(),
        CapabilityGrants.of(
            table, CapabilityRequests.defaults(table), CapabilityPermits.merge(table, List.of())),
        ResourceClassName.TEXT,
        limits,
        DEFAULT_NEW_WORK,
        null);
  }

  /**
   * For the receipt, which is part of every result; what was not granted, for most steps nearly
   * everything, is left out.
   */
  private static Document summary(
      Capabilities table,
      Set<String> functions,
      CapabilityGrants capabilities,
      ResourceClassName resourceClass,
      @Nullable Digest policy) {
    var summary = JSON.createObjectNode();
    summary.put("class", resourceClass.text());
    var granted = summary.putArray("functions");
    table.ordered(functions).forEach(granted::add);
    capabilities.summarize(summary);
    if (policy != null) {
      summary.put("policy", policy.hex());
    }
    return Document.of(JSON.writeValueAsString(summary));
  }

  /** What is granted of a capability. */
  public <G> G of(Capability<?, ?, G> capability) {
    return capabilities.of(capability);
  }

  /** Whether any of its functions is granted, or anything of what has none. */
  public boolean isGranted(Capability<?, ?, ?> capability) {
    return capability.functions().isEmpty()
        ? isEffective(capability)
        : Capabilities.isAnyFunctionIn(functions, capability);
  }

  private <G> boolean isEffective(Capability<?, ?, G> capability) {
    return capability.isEffective(of(capability));
  }

  /**
   * Why a module must not be run with these grants, for people: it imports what is not granted.
   * Empty if it may.
   */
  public Optional<String> refusal(CompiledModule module) {
    var needed = module.neededFunctions();
    return needed.isEmpty() ? Optional.empty() : refusal(needed);
  }

  private Optional<String> refusal(Map<String, String> neededFunctions) {
    return neededFunctions.entrySet().stream()
        .filter(needed -> !functions.contains(needed.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .findFirst()
        .map(
            needed ->
                "it imports '%s', which is not granted: that needs the function %s, and either its manifest does not request it (capabilities) or %s"
                    .formatted(
                        needed.getValue(),
                        needed.getKey(),
                        Capabilities.STANDARD
                            .ofFunction(needed.getKey())
                            .map(Capability::notGranted)
                            .orElse("no applicable rule of the policy grants it")));
  }

  /** Whether results may ask for new steps of any handler. */
  public boolean grantsNewSteps() {
    return !of(Capabilities.NEW_STEPS).isEmpty();
  }

  /** Whether results may ask for new steps of this handler. */
  public boolean grantsNewSteps(String handler) {
    return of(Capabilities.NEW_STEPS).includes(handler);
  }

  /** These with another grant of one capability. */
  public <G> Grants with(Capability<?, ?, G> capability, G grant) {
    return of(
        Capabilities.STANDARD,
        functions,
        capabilities.with(capability, grant),
        resourceClass,
        limits,
        newWork,
        policy);
  }

  public Grants withLimits(Limits other) {
    return new Grants(functions, capabilities, resourceClass, other, newWork, policy, summary);
  }

  public Grants withNewWork(int other) {
    return new Grants(functions, capabilities, resourceClass, limits, other, policy, summary);
  }
}
