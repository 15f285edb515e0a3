package org.wasmbroker.grant;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Version;
import org.wasmbroker.step.VersionRange;

/**
 * What one entry of the policy grants.
 *
 * @param location its location in the policy, such as {@code handlers[2]}
 * @param handler the handler's name, or {@code *}
 * @param functions besides those that its other grants imply
 * @param permits what it permits of each capability
 * @param resourceClass the largest class, or null if this rule does not set it
 * @param limits limits that override those of the class
 * @param newWork null if this rule does not set it
 */
record HandlerRule(
    String location,
    String handler,
    VersionRange versions,
    Set<String> functions,
    CapabilityPermits permits,
    @Nullable ResourceClassName resourceClass,
    Map<LimitKind, Long> limits,
    @Nullable Integer newWork) {
  static final String ANY_HANDLER = "*";

  HandlerRule {
    functions = Set.copyOf(functions);
    limits = Map.copyOf(limits);
  }

  /** The defaults of a policy that has none: the basic functions. */
  static HandlerRule basic(Capabilities table) {
    return new HandlerRule(
        "defaults",
        ANY_HANDLER,
        VersionRange.ALL,
        table.basicFunctions(),
        CapabilityPermits.merge(table, List.of()),
        null,
        Map.of(),
        null);
  }

  boolean appliesTo(String name, Version version) {
    return (handler.equals(ANY_HANDLER) || handler.equals(name)) && versions.includes(version);
  }
}
