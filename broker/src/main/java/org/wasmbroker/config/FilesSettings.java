package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.files.FilesConfig;

/** The settings {@code files.*}. */
final class FilesSettings {
  static final Setting<Long> SIZE =
      Setting.of(
          "files.size",
          QuantityTypes.SIZE,
          FilesConfig.DEFAULTS.maxBytes(),
          "The size of all files of all steps in flight, with the operator's directories and the"
              + " archives of modules that steps are given. They are in the Java heap. 1 MiB to 64"
              + " GiB.",
          "512MiB");
  static final List<Setting<?>> ALL = List.of(SIZE);

  private FilesSettings() {}

  static FilesConfig read(SettingValues values) {
    return new FilesConfig(values.get(SIZE));
  }
}
