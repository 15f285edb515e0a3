package org.wasmbroker.example;

import java.util.List;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.step.Outcome;

/**
 * How an example ended.
 *
 * @param differences from what the manifest expects; only the first ones if there are many
 * @param log what the guest logged
 */
public record ExampleOutcome(
    Example example, Outcome outcome, List<Difference> differences, List<LogLine> log) {
  public ExampleOutcome {
    differences = List.copyOf(differences);
    log = List.copyOf(log);
  }

  public boolean matched() {
    return differences.isEmpty();
  }
}
