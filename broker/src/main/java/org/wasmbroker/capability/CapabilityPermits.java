package org.wasmbroker.capability;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.capability.Capability.RuleReader;
import org.wasmbroker.document.ObjectReader;

/** What a rule of a policy permits, or several together, of each capability. Immutable. */
public record CapabilityPermits(Map<Capability<?, ?, ?>, Object> byCapability) {
  public CapabilityPermits {
    byCapability = Collections.unmodifiableMap(new LinkedHashMap<>(byCapability));
  }

  /** What rules permit together, in their order. */
  public static CapabilityPermits merge(Capabilities table, List<CapabilityPermits> rules) {
    var permits = new LinkedHashMap<Capability<?, ?, ?>, Object>();
    for (var capability : table.all()) {
      permits.put(capability, merge(capability, rules));
    }
    return new CapabilityPermits(permits);
  }

  private static <P> Object merge(Capability<?, P, ?> capability, List<CapabilityPermits> rules) {
    return capability.merge(rules.stream().map(rule -> rule.of(capability)).toList());
  }

  @SuppressWarnings("unchecked") // put there by the capability's own methods
  public <P> P of(Capability<?, P, ?> capability) {
    return (P) Objects.requireNonNull(byCapability.get(capability), capability::name);
  }

  /** Lets each capability read its own keys of a policy: of the root, and then of each rule. */
  public static final class Reader {
    private final Map<Capability<?, ?, ?>, RuleReader<?>> readers = new LinkedHashMap<>();

    public Reader(Capabilities table, ObjectReader root) {
      for (var capability : table.all()) {
        readers.put(capability, capability.readPolicy(root));
      }
    }

    public CapabilityPermits readRule(ObjectReader rule) {
      var permits = new LinkedHashMap<Capability<?, ?, ?>, Object>();
      readers.forEach((capability, reader) -> permits.put(capability, reader.read(rule)));
      return new CapabilityPermits(permits);
    }

    /** The defaults are a rule for all handlers without the keys that only rules have. */
    public CapabilityPermits readDefaults(ObjectReader defaults) {
      var permits = new LinkedHashMap<Capability<?, ?, ?>, Object>();
      readers.forEach(
          (capability, reader) ->
              permits.put(
                  capability,
                  capability.hasDefaults() ? reader.read(defaults) : capability.merge(List.of())));
      return new CapabilityPermits(permits);
    }
  }
}
