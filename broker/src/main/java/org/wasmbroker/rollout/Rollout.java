package org.wasmbroker.rollout;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;

/**
 * What a rollout file says.
 *
 * @param digest of the file, or null if there is none
 * @param channels by name, and by handler
 * @param defaultChannel what plain references mean to the handlers that it lists, or null
 * @param handlers those of the default channel and those with a section of their own
 */
public record Rollout(
    @Nullable Digest digest,
    Map<String, Map<String, Version>> channels,
    @Nullable String defaultChannel,
    Map<String, HandlerRollout> handlers) {
  /** Without a file: a plain reference means the newest release. */
  public static final Rollout NONE = new Rollout(null, Map.of(), null, Map.of());

  public Rollout {
    var copied = new TreeMap<String, Map<String, Version>>();
    channels.forEach((name, versions) -> copied.put(name, new TreeMap<>(versions)));
    channels = copied;
    handlers = new TreeMap<>(handlers);
  }

  /** How many handlers have a candidate. */
  public int candidates() {
    return (int) handlers.values().stream().filter(handler -> handler.candidate() != null).count();
  }
}
