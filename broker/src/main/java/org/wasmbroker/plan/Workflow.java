package org.wasmbroker.plan;

import java.util.List;
import org.wasmbroker.document.ParsedDocument;

/**
 * A workflow as far as it could be read.
 *
 * @param kind what the document is
 * @param linked whether its names and dependencies were checked by its own reader
 */
record Workflow(ParsedDocument document, Kind kind, List<PlanStep> steps, boolean linked) {
  /** The formats. */
  enum Kind {
    /** Our own. */
    PLAN,
    /** Tasker's. */
    TASK_TEMPLATE
  }

  Workflow {
    steps = List.copyOf(steps);
  }
}
