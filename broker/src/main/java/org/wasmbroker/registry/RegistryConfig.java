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
 * @param imageBytes the size of all prepared images; 0 for none
 */
public record RegistryConfig(
    @Nullable Path directory,
    Duration rescan,
    StoreConfig store,
    @Nullable Path approvals,
    OciSources oci,
    long imageBytes) {
  private static final long MIB = 1 << 20;
  private static final long MOST_IMAGE_BYTES = 1L << 40;

  public static final RegistryConfig DEFAULTS =
      new RegistryConfig(
          null,
          Duration.ofSeconds(10),
          StoreConfig.NONE,
          null,
          OciSources.NONE,
          imagesOf(Runtime.getRuntime().maxMemory()));

  /** With images of the default size. */
  public RegistryConfig(
      @Nullable Path directory,
      Duration rescan,
      StoreConfig store,
      @Nullable Path approvals,
      OciSources oci) {
    this(directory, rescan, store, approvals, oci, DEFAULTS.imageBytes());
  }

  public RegistryConfig {
    if (rescan.toMillis() < 100) {
      throw new IllegalArgumentException(
          "registry.rescan must be at least 100 ms, was " + rescan.toMillis() + " ms");
    }
    if (imageBytes != 0 && (imageBytes < MIB || imageBytes > MOST_IMAGE_BYTES)) {
      throw new IllegalArgumentException(
          "registry.images-size must be 0 or 1 MiB to 1 TiB, was " + imageBytes + " bytes");
    }
  }

  /**
   * The size of all images for a heap: an eighth of it, since they are in it, in whole MiB; 8 MiB
   * at least and 512 MiB at most.
   */
  static long imagesOf(long heapBytes) {
    return Math.clamp(heapBytes / 8 / MIB, 8, 512) * MIB;
  }

  /** The same with this directory, scanned so often. */
  public RegistryConfig withDirectory(Path modules, Duration interval) {
    return new RegistryConfig(modules, interval, store, approvals, oci, imageBytes);
  }
}
