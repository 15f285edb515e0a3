package org.wasmbroker.grant;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;
import org.wasmbroker.url.Destination;

/**
 * What the operator grants to which handlers. {@code docs/policy.md} says how a file is read.
 *
 * <p>Every rule that names a handler and includes its version counts. What the rules list adds up;
 * of single values the one of the last rule in the file holds.
 */
public final class Policy {
  private final @Nullable Digest digest;
  private final Limits configured;
  private final Map<ResourceClassName, ResourceClass> classes;
  private final Map<SecretName, List<Destination>> secrets;
  private final List<HandlerRule> rules;

  /**
   * @param digest of the file, or null where there is none
   * @param configured the limits where neither class nor rule says otherwise
   * @param rules the defaults, then the others in the order of the file
   */
  Policy(
      @Nullable Digest digest,
      Limits configured,
      List<ResourceClass> classes,
      Map<SecretName, List<Destination>> secrets,
      List<HandlerRule> rules) {
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
    this.secrets = Map.copyOf(secrets);
    this.rules = List.copyOf(rules);
  }

  /** Where there is no policy file: the basic functions, and the class text. */
  public static Policy none(Limits configured) {
    return new Policy(
        null,
        configured,
        ResourceClass.defaults(configured),
        Map.of(),
        List.of(HandlerRule.basic()));
  }

  /**
   * Reads a policy file. Whatever the bytes are, the answer is a policy or its problems.
   *
   * @param configured the limits where neither class nor rule says otherwise
   */
  public static PolicyReadResult read(byte[] file, Limits configured) {
    return PolicyReader.read("", file, configured);
  }

  /** The digest of the file, or null where there is none. */
  public @Nullable Digest digest() {
    return digest;
  }

  /** How many rules it has, the defaults not counted. */
  public int rules() {
    return rules.size() - 1;
  }

  /** The classes, the smallest first. */
  public List<ResourceClass> classes() {
    return classes.values().stream()
        .sorted(Comparator.comparingLong(ResourceClass::memoryBytes))
        .toList();
  }

  /** The most memory that a handler may get under it, or under a later one that adds no class. */
  public long largestMemoryBytes() {
    return digest == null
        ? configured.memoryBytes()
        : classes.values().stream().mapToLong(ResourceClass::memoryBytes).max().orElseThrow();
  }

  /** What the operator grants to one version of a handler, whatever its manifest asks for. */
  public PolicyGrants granted(String handler, Version version) {
    var matching = rules.stream().filter(rule -> rule.appliesTo(handler, version)).toList();
    return new PolicyGrants(
        digest,
        matching.stream().map(HandlerRule::location).toList(),
        matching.stream()
            .flatMap(rule -> rule.functions().stream())
            .collect(Collectors.toUnmodifiableSet()),
        matching.stream().flatMap(rule -> rule.http().stream()).toList(),
        secrets(matching),
        classOf(last(matching, HandlerRule::resourceClass, ResourceClassName.TEXT)),
        classes,
        ResourceClass.override(configured, defaults().limits()),
        limits(matching),
        last(matching, HandlerRule::timeResolution, Duration.ZERO),
        last(matching, HandlerRule::newWork, Grants.DEFAULT_NEW_WORK));
  }

  /** What holds for one version of a handler. */
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

  private Map<SecretName, SecretGrant> secrets(List<HandlerRule> matching) {
    var granted = new LinkedHashMap<SecretName, SecretGrant>();
    for (var rule : matching) {
      Stream.concat(rule.secrets().stream(), rule.readableSecrets().stream())
          .sorted()
          .forEach(
              name ->
                  granted.merge(
                      name,
                      new SecretGrant(
                          name,
                          rule.readableSecrets().contains(name),
                          secrets.getOrDefault(name, List.of())),
                      (one, other) -> one.readable() ? one : other));
    }
    return granted;
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
        && secrets.equals(policy.secrets)
        && rules.equals(policy.rules);
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
