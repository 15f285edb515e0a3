package org.wasmbroker.config;

/**
 * One setting as it holds.
 *
 * @param value as anyone may see it
 * @param origin where it was given, or {@code default}
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
