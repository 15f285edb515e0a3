package org.wasmbroker.grant;

import java.util.LinkedHashMap;
import java.util.Map;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;

/** Effective grants as plain values: numbers, texts, and lists of them. */
public final class GrantsDescription {
  private GrantsDescription() {}

  /** What may be called and reached, by the names of {@code policy explain}. */
  public static Map<String, Object> effective(Capabilities table, Grants grants) {
    var section = new LinkedHashMap<String, Object>();
    section.put("functions", table.ordered(grants.functions()));
    for (var capability : table.all()) {
      section.putAll(describe(capability, grants));
    }
    section.put("class", grants.resourceClass().text());
    section.put("new-work", grants.newWork());
    return section;
  }

  private static <G> Map<String, ?> describe(Capability<?, ?, G> capability, Grants grants) {
    return capability.describeGrant(grants.of(capability));
  }

  /** Each limit with its unit. */
  public static Map<String, Object> limits(Grants grants) {
    var limits = new LinkedHashMap<String, Object>();
    grants
        .limits()
        .values()
        .forEach((kind, value) -> limits.put(kind.text(), kind.unit().format(value)));
    return limits;
  }
}
