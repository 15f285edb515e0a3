package org.wasmbroker.rollout;

import java.util.Map;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;

/**
 * Counts the runs of candidates and of the stable versions beside them, as they end. Without a
 * candidate an event costs a look at a field, and a run of another handler one look-up.
 */
public final class Comparisons implements EventSink {
  private volatile Map<String, Comparison> byHandler = Map.of();

  @Override
  public void on(BrokerEvent event) {
    var compared = byHandler;
    if (!compared.isEmpty() && event instanceof StepEvent.Ended(Outcome outcome)) {
      var receipt = outcome.receipt();
      var module = receipt.module();
      var comparison =
          module == null || receipt.engine() == null ? null : compared.get(module.handler());
      if (module != null && comparison != null) {
        comparison.ended(module, outcome);
      }
    }
  }

  Map<String, Comparison> byHandler() {
    return byHandler;
  }

  /** Counts for these from now on. */
  void replace(Map<String, Comparison> comparisons) {
    byHandler = Map.copyOf(comparisons);
  }
}
