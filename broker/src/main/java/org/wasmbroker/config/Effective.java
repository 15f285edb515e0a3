package org.wasmbroker.config;

/**
 * One setting as it holds.
 *
 * @param value as anyone may see it
 * @param origin where it was given, or {@code default}
 */
public record Effective(String key, String value, String origin) {
  static Effective of(Setting<?> setting, Values values) {
    var given = values.given().get(setting.key());
    return given == null
        ? new Effective(setting.key(), standard(setting), "default")
        : new Effective(setting.key(), setting.kind().show().apply(given.text()), given.origin());
  }

  private static <T> String standard(Setting<T> setting) {
    return setting.fallback() == null
        ? setting.unset().replace("`", "")
        : setting.kind().write().apply(setting.fallback());
  }
}
