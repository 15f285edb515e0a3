package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/**
 * How far a long step has come, to be gone on with from there.
 *
 * @param cursor where to go on, any JSON
 * @param itemsProcessed how many items are done, 0 or more
 * @param accumulated what was found so far, any JSON, or null
 */
public record Checkpoint(Document cursor, long itemsProcessed, @Nullable Document accumulated) {
  public Checkpoint {
    if (itemsProcessed < 0) {
      throw new IllegalArgumentException("items_processed is 0 or more, was " + itemsProcessed);
    }
  }
}
