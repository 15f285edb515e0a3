package org.wasmbroker.config;

/**
 * The effective value of a setting.
 *
 * @param value for display; secrets are masked
 * @param origin where it was set, or {@code default}
 */
public record EffectiveSetting(String key, String value, String origin) {
  static EffectiveSetting of(Setting<?> setting, SettingValues values) {
    var raw = values.raw().get(setting.key());
    return raw == null
        ? new EffectiveSetting(setting.key(), defaultText(setting), "default")
        : new EffectiveSetting(
            setting.key(), setting.kind().display().apply(raw.text()), raw.origin().toString());
  }

  private static <T> String defaultText(Setting<T> setting) {
    return setting.defaultValue() == null
        ? setting.defaultDescription().replace("`", "")
        : setting.kind().format().apply(setting.defaultValue());
  }
}
