package org.wasmbroker.registry;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.source.OciSources;
import org.wasmbroker.registry.store.StoreConfig;

/**
 * Where modules come from in addition to the bundled ones.
 *
 * @param directory the operator's own modules, which take precedence over the bundled ones, or null
 * @param rescan how often the sources are listed for new modules, and broken ones retried
 * @param store where modules of remote sources are kept
 * @param approvals the file of the approvals, or null
 * @param oci the repositories of OCI registries, which come after the directory
 */
public record RegistryConfig(
    @Nullable Path directory,
    Duration rescan,
    StoreConfig store,
    @Nullable Path approvals,
    OciSources oci) {
  public static final RegistryConfig DEFAULTS =
      new RegistryConfig(null, Duration.ofSeconds(10), StoreConfig.NONE, null, OciSources.NONE);

  public RegistryConfig {
    if (rescan.toMillis() < 100) {
      throw new IllegalArgumentException(
          "registry.rescan must be at least 100 ms, was " + rescan.toMillis() + " ms");
    }
  }

  /** The same with this directory, scanned so often. */
  public RegistryConfig withDirectory(Path modules, Duration interval) {
    return new RegistryConfig(modules, interval, store, approvals, oci);
  }
}
