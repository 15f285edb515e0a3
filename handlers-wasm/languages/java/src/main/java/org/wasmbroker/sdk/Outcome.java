package org.wasmbroker.sdk;

import java.util.Objects;

/** How a step ended, if it did not fail. */
public sealed interface Outcome {
  /** The result document. */
  Json document();

  /** The step is done. */
  static Outcome completed(Json result) {
    return new Completed(result);
  }

  /**
   * Some of the work is done: a fresh instance finds this in {@link Step#checkpoint()}.
   *
   * @param cursor where to go on
   * @param accumulatedResults what is there so far, or {@link Json#NULL}
   */
  static Outcome checkpoint(Json cursor, long itemsProcessed, Json accumulatedResults) {
    return new Checkpoint(cursor, itemsProcessed, accumulatedResults);
  }

  /** The step is done. */
  record Completed(Json result) implements Outcome {
    public Completed {
      Objects.requireNonNull(result);
    }

    @Override
    public Json document() {
      return Json.object().put("status", "completed").put("result", result).build();
    }
  }

  /** The progress of a long step. */
  record Checkpoint(Json cursor, long itemsProcessed, Json accumulatedResults) implements Outcome {
    public Checkpoint {
      Objects.requireNonNull(cursor);
      Objects.requireNonNull(accumulatedResults);
    }

    @Override
    public Json document() {
      return Json.object()
          .put("status", "checkpoint")
          .put("cursor", cursor)
          .put("items_processed", itemsProcessed)
          .put("accumulated_results", accumulatedResults)
          .build();
    }
  }
}
