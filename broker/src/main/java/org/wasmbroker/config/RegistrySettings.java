package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.store.StoreConfig;

/** The settings {@code registry.*}. */
final class RegistrySettings {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "registry.directory",
          SettingTypes.PATH,
          "none",
          "Directory of your own modules, `<handler>/<version>/module.wasm` and"
              + " `manifest.json`; they take precedence over the bundled ones.",
          "/etc/wasm-broker/handlers");
  static final Setting<Duration> RESCAN =
      Setting.of(
          "registry.rescan",
          QuantityTypes.DURATION,
          RegistryConfig.DEFAULTS.rescan(),
          "How often directory and registries are listed for new modules, and broken ones retried;"
              + " at least 100 ms.",
          "1m");
  static final Setting<Path> STORE =
      Setting.optional(
          "registry.store",
          SettingTypes.PATH,
          "`$XDG_CACHE_HOME/wasm-broker/modules`, else `~/.cache/wasm-broker/modules`",
          "Directory in which modules of registries are kept, so that a broker starts while they"
              + " do not answer; only the broker may have write access. `none` keeps nothing.",
          "/var/cache/wasm-broker/modules");
  static final Setting<Long> STORE_SIZE =
      Setting.of(
          "registry.store-size",
          QuantityTypes.SIZE,
          StoreConfig.NONE.bytes(),
          "The size of all modules that are kept; beyond it, those are removed that no release"
              + " names any more. 16 MiB to 1 TiB.",
          "4GiB");
  static final Setting<Path> APPROVALS =
      Setting.optional(
          "registry.approvals",
          SettingTypes.PATH,
          "none",
          "YAML file of the modules that a person has approved, where the policy demands that;"
              + " `wasm-broker registry approve` adds to it. It is read again every"
              + " `policy.reload`.",
          "/etc/wasm-broker/approvals.yaml");
  static final Setting<Long> IMAGES_SIZE =
      new Setting<>(
          "registry.images-size",
          QuantityTypes.SIZE,
          RegistryConfig.DEFAULTS.imageBytes(),
          "an eighth of the largest Java heap, 8 MiB to 512 MiB",
          "The size of all prepared images, with which runs of the same configuration start;"
              + " beyond it, those are dropped that are used least. They are in the Java heap."
              + " 1 MiB to 1 TiB, or 0 for none.",
          "64MiB");
  static final List<Setting<?>> ALL =
      List.of(DIRECTORY, RESCAN, STORE, STORE_SIZE, APPROVALS, IMAGES_SIZE);

  private RegistrySettings() {}

  /**
   * @param store where modules of registries are kept, or null
   */
  static RegistryConfig read(SettingValues values, @Nullable Path store) {
    return new RegistryConfig(
        values.find(DIRECTORY),
        values.get(RESCAN),
        new StoreConfig(store, values.get(STORE_SIZE)),
        values.find(APPROVALS),
        OciSettings.read(values),
        values.get(IMAGES_SIZE));
  }
}
