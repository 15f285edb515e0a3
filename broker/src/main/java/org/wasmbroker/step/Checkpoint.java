package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/**
 * The progress of a long step, to continue from.
 *
 * @param cursor where to continue, any JSON
 * @param itemsProcessed how many items are done, 0 or more
 * @param accumulated the results so far, any JSON, or null
 */
public record Checkpoint(Document cursor, long itemsProcessed, @Nullable Document accumulated) {
  public Checkpoint {
    if (itemsProcessed < 0) {
      throw new IllegalArgumentException(
          "items_processed must be 0 or more, was " + itemsProcessed);
    }
  }
}
