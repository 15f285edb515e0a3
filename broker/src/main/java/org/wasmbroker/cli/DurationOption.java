package org.wasmbroker.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/** Durations on the command line, written as in the configuration. */
final class DurationOption {
  private static final int MAX_SHOWN = 100;

  private DurationOption() {}

  /** The value of an option, or null if it was not given. */
  static @Nullable Duration parse(String option, @Nullable String text) {
    return text == null
        ? null
        : QuantityParser.parseDuration(text)
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s must be a number with s, m, h or d, such as 30m or 7d, or ISO-8601 such as PT5M; was '%s'"
                            .formatted(option, SafeText.sanitize(text, MAX_SHOWN))));
  }
}
