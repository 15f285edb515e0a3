package org.wasmbroker.grant;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.grant.trust.KeyFiles;
import org.wasmbroker.grant.trust.TrustRules;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;

/**
 * What the operator grants to which handlers. {@code docs/policy.md} describes the file.
 *
 * <p>Every rule that names a handler and includes its version applies. Lists of all rules add up;
 * for scalars the last rule in the file wins.
 */
public final class Policy {
  private final Capabilities table;
  private final @Nullable Digest digest;
  private final Limits configured;
  private final Map<ResourceClassName, ResourceClass> classes;
  private final List<HandlerRule> rules;
  private final TrustRules trust;

  /**
   * @param table the capabilities that there are
   * @param digest of the file, or null if there is none
   * @param configured the limits unless a class or a rule overrides them
   * @param rules the defaults, then the others in the order of the file
   * @param trust what it demands of modules before they may run
   */
  Policy(
      Capabilities table,
      @Nullable Digest digest,
      Limits configured,
      List<ResourceClass> classes,
      List<HandlerRule> rules,
      TrustRules trust) {
    this.table = table;
    this.digest = digest;
    this.configured = configured;
    this.classes =
        classes.stream()
            .collect(
                Collectors.toMap(
                    ResourceClass::name,
                    Function.identity(),
                    (first, _) -> first,
                    LinkedHashMap::new));
    this.rules = List.copyOf(rules);
    this.trust = trust;
  }

  /** The policy if no file is configured: the basic functions, and the class text. */
  public static Policy none(Limits configured) {
    return new Policy(
        Capabilities.STANDARD,
        null,
        configured,
        ResourceClass.defaults(configured),
        List.of(HandlerRule.basic(Capabilities.STANDARD)),
        TrustRules.NONE);
  }

  /**
   * Reads a policy file. Whatever the bytes are, the result is a policy or problems.
   *
   * @param configured the limits unless a class or a rule overrides them
   */
  public static PolicyReadResult read(byte[] file, Limits configured) {
    return read(Capabilities.STANDARD, file, configured);
  }

  /** As {@link #read(byte[], Limits)}, with other capabilities. */
  public static PolicyReadResult read(Capabilities table, byte[] file, Limits configured) {
    return PolicyReader.read(table, "", file, configured, KeyFiles.NONE);
  }

  /** The digest of the file, or null if there is none. */
  public @Nullable Digest digest() {
    return digest;
  }

  /** What it demands of modules before they may run. */
  public TrustRules trust() {
    return trust;
  }

  /**
   * Whether both say the same. The digest alone does not tell: keys may be in files of their own.
   */
  boolean saysTheSameAs(Policy other) {
    return Objects.equals(digest, other.digest) && trust.equals(other.trust);
  }

  /** The number of rules, without the defaults. */
  public int rules() {
    return rules.size() - 1;
  }

  /** The classes, the smallest first. */
  public List<ResourceClass> classes() {
    return classes.values().stream()
        .sorted(Comparator.comparingLong(ResourceClass::memoryBytes))
        .toList();
  }

  /** The maximum memory of a handler under it, or under a later one that adds no class. */
  public long largestMemoryBytes() {
    return digest == null
        ? configured.memoryBytes()
        : classes.values().stream().mapToLong(ResourceClass::memoryBytes).max().orElseThrow();
  }

  /** What the operator grants to one version of a handler, whatever its manifest requests. */
  public PolicyGrants granted(String handler, Version version) {
    var matching = rules.stream().filter(rule -> rule.appliesTo(handler, version)).toList();
    return new PolicyGrants(
        table,
        digest,
        matching.stream().map(HandlerRule::location).toList(),
        matching.stream()
            .flatMap(rule -> rule.functions().stream())
            .collect(Collectors.toUnmodifiableSet()),
        CapabilityPermits.merge(table, matching.stream().map(HandlerRule::permits).toList()),
        classOf(last(matching, HandlerRule::resourceClass, ResourceClassName.TEXT)),
        classes,
        ResourceClass.override(configured, defaults().limits()),
        limits(matching),
        last(matching, HandlerRule::newWork, Grants.DEFAULT_NEW_WORK));
  }

  /** The effective grants of one version of a handler. */
  public Grants grants(String handler, Version version, RequestedCapabilities requested) {
    return granted(handler, version).intersect(requested);
  }

  private HandlerRule defaults() {
    return rules.getFirst();
  }

  private ResourceClass classOf(ResourceClassName name) {
    var found = classes.get(name);
    if (found == null) {
      throw new IllegalStateException("a policy was read that has no class " + name);
    }
    return found;
  }

  private Map<LimitKind, Long> limits(List<HandlerRule> matching) {
    var limits = new LinkedHashMap<LimitKind, Long>();
    matching.stream().skip(1).forEach(rule -> limits.putAll(rule.limits()));
    return limits;
  }

  private static <T> T last(
      List<HandlerRule> matching, Function<HandlerRule, @Nullable T> value, T defaultValue) {
    T last = defaultValue;
    for (var rule : matching) {
      T ruleValue = value.apply(rule);
      last = ruleValue == null ? last : ruleValue;
    }
    return last;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Policy policy
        && Objects.equals(digest, policy.digest)
        && configured.equals(policy.configured)
        && classes.equals(policy.classes)
        && rules.equals(policy.rules)
        && trust.equals(policy.trust);
  }

  @Override
  public int hashCode() {
    return Objects.hash(digest, configured, rules);
  }

  @Override
  public String toString() {
    return "Policy[" + digest + ", " + rules() + " rules]";
  }
}
