package org.wasmbroker.telemetry.micrometer;

import java.util.Map;
import org.wasmbroker.step.ModuleId;

/**
 * A module that is loaded, and of which events will tell.
 *
 * @param errors the types of errors that its manifest declares, and whether they are retried
 * @param http whether it requests HTTP
 * @param secrets whether it requests secrets
 * @param cache whether it requests a cache
 * @param files whether it requests files
 */
public record LoadedModule(
    ModuleId id,
    Map<String, Boolean> errors,
    boolean http,
    boolean secrets,
    boolean cache,
    boolean files) {
  /** Without files. */
  public LoadedModule(
      ModuleId id, Map<String, Boolean> errors, boolean http, boolean secrets, boolean cache) {
    this(id, errors, http, secrets, cache, false);
  }

  public LoadedModule {
    errors = Map.copyOf(errors);
  }
}
