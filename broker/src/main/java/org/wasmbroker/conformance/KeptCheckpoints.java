package org.wasmbroker.conformance;

import java.util.function.Function;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import tools.jackson.databind.json.JsonMapper;

/** Saves a step's checkpoint by handing it to the next run, as a protocol with a database does. */
final class KeptCheckpoints implements StepRules {
  private final Function<String, Document> document;

  /**
   * @param document the step document with a checkpoint, which is a JSON object
   */
  KeptCheckpoints(Function<String, Document> document) {
    this.document = document;
  }

  @Override
  public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
    var json = JsonMapper.shared();
    var saved = json.createObjectNode();
    saved.set("cursor", json.readTree(checkpoint.cursor().bytes()));
    saved.put("items_processed", checkpoint.itemsProcessed());
    saved.put("timestamp", "2026-01-01T00:00:00Z");
    var accumulated = checkpoint.accumulated();
    if (accumulated != null) {
      saved.set("accumulated_results", json.readTree(accumulated.bytes()));
    }
    return new CheckpointResult.Saved(step.withDocument(document.apply(saved.toString())));
  }
}
