package org.wasmbroker.config;

/**
 * One thing that is wrong with the configuration.
 *
 * @param what the key, and the value as anyone may see it
 * @param origin where it was given, or empty
 * @param message what is wrong, and what is allowed
 */
public record Problem(String what, String origin, String message) {
  static Problem of(Setting<?> setting, RawValue given, String message) {
    return new Problem(
        setting.key() + " = " + setting.kind().display().apply(given.text()),
        given.origin(),
        message);
  }

  @Override
  public String toString() {
    return origin.isEmpty() ? what + ": " + message : what + " (" + origin + "): " + message;
  }
}
