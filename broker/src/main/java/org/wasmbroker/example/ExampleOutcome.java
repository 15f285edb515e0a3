package org.wasmbroker.example;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.step.Outcome;
import tools.jackson.databind.node.ObjectNode;

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

  /** The outcome as a document with the member {@code result} or {@code error}. */
  public ObjectNode actual() {
    return OutcomeComparison.actual(outcome);
  }

  /**
   * What the manifest would have to expect. Of an error, its type and whether it is retryable, and
   * what else it expects now.
   */
  public ObjectNode newExpectation() {
    var actual = actual();
    if (actual.has("error")) {
      var compared = new TreeSet<>(Set.of("type", "retryable"));
      if (example.expect() instanceof Expectation.Failure expected) {
        if (expected.message() != null) {
          compared.add("message");
        }
        if (expected.code() != null) {
          compared.add("code");
        }
      }
      actual.withObject("error").retain(compared);
    }
    return actual;
  }
}
