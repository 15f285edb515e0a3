package org.wasmbroker.cli;

import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/** Sizes on the command line, written as in the configuration. */
final class SizeOption {
  private static final int MAX_SHOWN = 100;

  private SizeOption() {}

  /** The value of an option, in bytes; 1 or more. */
  static long parse(String option, String text) {
    return QuantityParser.parseBytes(text)
        .filter(bytes -> bytes > 0)
        .orElseThrow(
            () ->
                new UsageException(
                    "%s must be a size such as 64MiB, was '%s'"
                        .formatted(option, SafeText.sanitize(text, MAX_SHOWN))));
  }
}
