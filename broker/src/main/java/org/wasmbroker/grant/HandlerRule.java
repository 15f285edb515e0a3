package org.wasmbroker.grant;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Version;

/**
 * What one entry of the policy grants.
 *
 * @param location where it stands, such as {@code handlers[2]}
 * @param handler the handler's name, or {@code *}
 * @param functions beside those that its destinations and secrets bring
 * @param secrets those that the broker fills into requests
 * @param readableSecrets those that the guest may read, too
 * @param resourceClass the largest class, or null where this rule does not say
 * @param limits other limits than those of the class
 * @param timeResolution null where this rule does not say
 * @param newWork null where this rule does not say
 */
record HandlerRule(
    String location,
    String handler,
    VersionRange versions,
    Set<AbiFunction> functions,
    List<DestinationGrant> http,
    Set<SecretName> secrets,
    Set<SecretName> readableSecrets,
    @Nullable ResourceClassName resourceClass,
    Map<LimitKind, Long> limits,
    @Nullable Duration timeResolution,
    @Nullable Integer newWork) {
  static final String ANY_HANDLER = "*";

  HandlerRule {
    functions = Set.copyOf(functions);
    http = List.copyOf(http);
    secrets = Set.copyOf(secrets);
    readableSecrets = Set.copyOf(readableSecrets);
    limits = Map.copyOf(limits);
  }

  /** Where a policy has no defaults: the basic functions. */
  static HandlerRule basic() {
    return new HandlerRule(
        "defaults",
        ANY_HANDLER,
        VersionRange.ALL,
        AbiFunction.basic(),
        List.of(),
        Set.of(),
        Set.of(),
        null,
        Map.of(),
        null,
        null);
  }

  boolean appliesTo(String name, Version version) {
    return (handler.equals(ANY_HANDLER) || handler.equals(name)) && versions.includes(version);
  }
}
