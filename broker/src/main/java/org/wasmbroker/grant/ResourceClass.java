package org.wasmbroker.grant;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;

/**
 * A size of handler, of the operator's making.
 *
 * @param limits what a run of this class may use, the memory among it; for other limits that are
 *     not there, those of the configuration hold
 */
public record ResourceClass(ClassName name, Map<LimitKind, Long> limits) {
  private static final long MIB = 1L << 20;

  public ResourceClass {
    limits = Collections.unmodifiableMap(new EnumMap<>(limits));
    Objects.requireNonNull(limits.get(LimitKind.MEMORY), "memory");
  }

  /** What there is where a policy defines none; the configuration's memory is that of text. */
  static List<ResourceClass> standard(Limits configured) {
    return List.of(
        of("text", configured.memoryBytes()), of("image", 128 * MIB), of("media", 512 * MIB));
  }

  private static ResourceClass of(String name, long memoryBytes) {
    return new ResourceClass(new ClassName(name), Map.of(LimitKind.MEMORY, memoryBytes));
  }

  public long memoryBytes() {
    return Objects.requireNonNull(limits.get(LimitKind.MEMORY));
  }

  Limits within(Limits base) {
    return with(base, limits);
  }

  static Limits with(Limits base, Map<LimitKind, Long> others) {
    var limits = base;
    for (var other : others.entrySet()) {
      limits = limits.with(other.getKey(), other.getValue());
    }
    return limits;
  }
}
