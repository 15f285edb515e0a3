package org.wasmbroker.registry.image;

import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.PreparedImage;

/** What is known of the preparation for one key. */
sealed interface KnownPreparation {
  /** What it occupies, in bytes. */
  long bytes();

  /**
   * Runs start with the image.
   *
   * @param saves the guest's time in the preparation, which each of them saves, in nanoseconds
   */
  record Image(PreparedImage image, long saves) implements KnownPreparation {
    @Override
    public long bytes() {
      return image.bytes();
    }
  }

  /** Runs prepare themselves, since the image would be too large. */
  record TooLarge() implements KnownPreparation {
    @Override
    public long bytes() {
      return 0;
    }
  }

  /** Each run would fail in its preparation as the first one did. */
  record Failed(InvocationResult result) implements KnownPreparation {
    /** Its message, with the guest's last lines, and its backtrace; both are capped. */
    private static final int BYTES = 8 << 10;

    @Override
    public long bytes() {
      return BYTES;
    }
  }
}
