package org.wasmbroker.plan.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.release.Manifest;

/**
 * An installed handler and what it may do.
 *
 * @param versions all that are installed, the newest first
 * @param origin {@code built_in} or {@code user}
 * @param source where it comes from
 * @param state {@code trusted}, or why the broker does not run it
 * @param reason what is missing before it runs, or null
 * @param grants what is effective, with the limits that the manifest lowers for itself
 * @param demands what has to be so before it runs, unless it comes with the broker
 */
public record HandlerEntry(
    Manifest manifest,
    List<String> versions,
    String origin,
    String source,
    String state,
    @Nullable String reason,
    Explanation explanation,
    Grants grants,
    List<String> demands) {
  public static final String TRUSTED = "trusted";

  public HandlerEntry {
    versions = List.copyOf(versions);
    demands = List.copyOf(demands);
  }

  /** Whether a broker runs it now. */
  public boolean isTrusted() {
    return state.equals(TRUSTED);
  }

  public String name() {
    return manifest.name();
  }
}
