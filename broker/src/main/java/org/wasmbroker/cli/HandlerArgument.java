package org.wasmbroker.cli;

import org.wasmbroker.step.HandlerRef;

/** A handler on the command line, such as {@code transform} or {@code transform@1.0}. */
final class HandlerArgument {
  private HandlerArgument() {}

  /**
   * @throws UsageException if the text is not a handler reference
   */
  static HandlerRef parse(String text) {
    try {
      return HandlerRef.parse(text);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(String.valueOf(invalid.getMessage()));
    }
  }
}
