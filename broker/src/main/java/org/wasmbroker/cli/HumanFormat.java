package org.wasmbroker.cli;

import java.time.Duration;
import java.util.Locale;

/** Formats quantities for people. */
public final class HumanFormat {
  private HumanFormat() {}

  public static String duration(Duration time) {
    double micros = time.toNanos() / 1e3;
    if (micros < 1000) {
      return String.format(Locale.ROOT, "%.1f µs", micros);
    }
    return micros < 1e6
        ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
        : String.format(Locale.ROOT, "%.2f s", micros / 1e6);
  }

  public static String bytes(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
  }
}
