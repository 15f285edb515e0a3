package org.wasmbroker.config;

import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/**
 * What somebody wrote for a setting.
 *
 * @param text the value as written
 * @param origin where it was written
 */
record RawValue(String text, Location origin) {
  /** A problem of this value; the setting shows it as anyone may see it. */
  Problem problem(Setting<?> setting, String message) {
    var shown = setting.key() + " = " + setting.kind().display().apply(text);
    return new Problem(origin, shown, message);
  }
}
