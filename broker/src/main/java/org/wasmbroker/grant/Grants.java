package org.wasmbroker.grant;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What holds for one version of a handler: the part of its manifest's asking that the operator's
 * policy grants. Made once for a module and a policy, not for each step.
 *
 * @param functions the host functions that answer
 * @param functionNames their names
 * @param secrets by name
 * @param resourceClass the class that its limits are of
 * @param timeResolution the smallest step of the guest's clocks; zero leaves them as they are
 * @param newWork how many new steps or items one result may ask for
 * @param policy the digest of the policy file, or null where there is none
 * @param summary all of that for the receipt, a JSON object
 */
public record Grants(
    Set<AbiFunction> functions,
    Set<String> functionNames,
    HttpGrants http,
    Map<SecretName, SecretGrant> secrets,
    ResourceClassName resourceClass,
    Limits limits,
    Duration timeResolution,
    int newWork,
    @Nullable Digest policy,
    Document summary) {
  public static final int DEFAULT_NEW_WORK = (int) LimitKind.NEW_WORK.defaultValue();

  /** The basic functions and the default limits. */
  public static final Grants NONE = basic(Limits.DEFAULTS);

  public Grants {
    functions = Set.copyOf(functions);
    secrets = Map.copyOf(secrets);
    if (timeResolution.isNegative()) {
      throw new IllegalArgumentException(
          "time-resolution must not be negative, was " + timeResolution);
    }
    if (newWork < 0) {
      throw new IllegalArgumentException("new-work must be at least 0, was " + newWork);
    }
  }

  /** With the summary made. */
  public static Grants of(
      Set<AbiFunction> functions,
      HttpGrants http,
      Map<SecretName, SecretGrant> secrets,
      ResourceClassName resourceClass,
      Limits limits,
      Duration timeResolution,
      int newWork,
      @Nullable Digest policy) {
    return new Grants(
        functions,
        functions.stream().map(AbiFunction::text).collect(Collectors.toUnmodifiableSet()),
        http,
        secrets,
        resourceClass,
        limits,
        timeResolution,
        newWork,
        policy,
        Summary.of(functions, http, new TreeMap<>(secrets).values(), resourceClass, policy));
  }

  /** The basic functions with these limits. */
  public static Grants basic(Limits limits) {
    return of(
        AbiFunction.basic(),
        HttpGrants.NONE,
        Map.of(),
        ResourceClassName.TEXT,
        limits,
        Duration.ZERO,
        DEFAULT_NEW_WORK,
        null);
  }

  public Grants withLimits(Limits other) {
    return new Grants(
        functions,
        functionNames,
        http,
        secrets,
        resourceClass,
        other,
        timeResolution,
        newWork,
        policy,
        summary);
  }

  public Grants withNewWork(int other) {
    return new Grants(
        functions,
        functionNames,
        http,
        secrets,
        resourceClass,
        limits,
        timeResolution,
        other,
        policy,
        summary);
  }
}
