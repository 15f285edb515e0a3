package org.wasmbroker.config;

import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/**
 * The configured value of a setting, before it is parsed.
 *
 * @param text the value as written
 * @param origin where it was set
 */
record RawValue(String text, Location origin) {
  /** A problem with this value, which is masked if it is secret. */
  Problem problem(Setting<?> setting, String message) {
    var shown = setting.key() + " = " + setting.kind().display().apply(text);
    return new Problem(origin, shown, message);
  }
}
