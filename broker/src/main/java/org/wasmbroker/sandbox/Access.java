package org.wasmbroker.sandbox;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run may reach beyond its own instance.
 *
 * @param functions the names of the granted host functions; the others return DENIED
 * @param capabilities what the granted host functions work on; at most one of each type
 */
public record Access(Set<String> functions, List<GuestCapability> capabilities) {
  public Access {
    functions = Set.copyOf(functions);
    capabilities = List.copyOf(capabilities);
  }

  public boolean isGranted(String function) {
    return functions.contains(function);
  }

  /** The capability of that type, or null where the step has none. */
  public <T extends GuestCapability> @Nullable T find(Class<T> type) {
    for (int i = 0; i < capabilities.size(); i++) {
      var capability = capabilities.get(i);
      if (type.isInstance(capability)) {
        return type.cast(capability);
      }
    }
    return null;
  }

  /** The text after every capability has replaced what must not leave the step. */
  public String redact(String text, boolean truncated) {
    var redacted = text;
    for (var capability : capabilities) {
      redacted = capability.redact(redacted, truncated);
    }
    return redacted;
  }
}
