package org.wasmbroker.grant;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;

/**
 * A size of handlers, defined by the operator.
 *
 * @param limits what a run of this class may use, including its memory; limits that are absent are
 *     those of the configuration
 */
public record ResourceClass(ResourceClassName name, Map<LimitKind, Long> limits) {
  private static final long MIB = 1L << 20;

  public ResourceClass {
    limits = Collections.unmodifiableMap(new EnumMap<>(limits));
    Objects.requireNonNull(limits.get(LimitKind.MEMORY), "memory");
  }

  /** The classes of a policy that defines none; the configured memory is that of text. */
  static List<ResourceClass> defaults(Limits configured) {
    return List.of(
        of("text", configured.memoryBytes()), of("image", 128 * MIB), of("media", 512 * MIB));
  }

  private static ResourceClass of(String name, long memoryBytes) {
    return new ResourceClass(new ResourceClassName(name), Map.of(LimitKind.MEMORY, memoryBytes));
  }

  public long memoryBytes() {
    return Objects.requireNonNull(limits.get(LimitKind.MEMORY));
  }

  Limits applyTo(Limits base) {
    return override(base, limits);
  }

  static Limits override(Limits base, Map<LimitKind, Long> overrides) {
    var limits = base;
    for (var override : overrides.entrySet()) {
      limits = limits.with(override.getKey(), override.getValue());
    }
    return limits;
  }
}
