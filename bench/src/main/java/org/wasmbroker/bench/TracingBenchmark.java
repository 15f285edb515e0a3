package org.wasmbroker.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CurrentStep;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.otel.OtelEnvironment;
import org.wasmbroker.telemetry.otel.StepSource;
import org.wasmbroker.telemetry.otel.Traces;

/**
 * What traces cost a step, from its claim to its written outcome, on the threads of the broker:
 * without them, of a step that is not recorded, and of one that is, with five spans. No collector
 * is there: spans go as far as the queue. Time and bytes of each, the best of rounds that
 * alternate.
 */
public final class TracingBenchmark {
  private static final int STEPS = 200_000;

  /** None of them succeeds. */
  private static final Logger EXPORTS = Logger.getLogger("io.opentelemetry");

  private static final Duration WAIT = Duration.ofMillis(1);
  private static final Receipt RECEIPT = Receipt.none(WAIT);
  private static final ModuleId MODULE =
      new ModuleId("transform", "1.0.0", Digest.of(Document.of("transform").bytes()));

  private record Unclaimed() implements Claim {}

  private TracingBenchmark() {}

  /**
   * @param arguments the number of rounds
   */
  public static void main(String[] arguments) {
    int rounds = Integer.parseInt(arguments[0]);
    EXPORTS.setLevel(Level.OFF);
    var step = step();
    try (var unsampled = traces("always_off");
        var sampled = traces("always_on")) {
      var cases = new LinkedHashMap<String, Tracing>();
      cases.put("without traces", Tracing.OFF);
      cases.put("a step that is not recorded", unsampled.tracing());
      cases.put("a step that is recorded", sampled.tracing());
      var best = new LinkedHashMap<String, double[]>();
      for (int round = 0; round < rounds; round++) {
        cases.forEach(
            (name, tracing) ->
                best.merge(
                    name,
                    measure(tracing, step),
                    (one, other) ->
                        new double[] {Math.min(one[0], other[0]), Math.min(one[1], other[1])}));
      }
      best.forEach(
          (name, least) ->
              System.out.printf(Locale.ROOT, "%-32s %8.1f ns %8.1f B%n", name, least[0], least[1]));
    }
  }

  private static Traces traces(String sampler) {
    var config =
        OtelEnvironment.read(
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1",
                "OTEL_BSP_SCHEDULE_DELAY", "600000",
                "OTEL_TRACES_SAMPLER", sampler),
            new ArrayList<>());
    return Traces.start(
        config, "1", "bench", new StepSource.Queue("steps"), TimeSource.SYSTEM, EventSink.NONE);
  }

  private static Step step() {
    return new Step(
        new StepIds(new StepId(UUID.randomUUID()), null, UUID.randomUUID()),
        "transform",
        HandlerRef.parse("transform"),
        new Attempt(1, 3),
        WAIT,
        Document.of("{}"),
        new Unclaimed(),
        Instant.now(),
        TraceContext.NONE);
  }

  /** Nanoseconds and bytes of one step. */
  private static double[] measure(Tracing tracing, Step step) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var claimed = List.of(step);
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long begin = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      run(tracing, step, claimed);
    }
    long took = System.nanoTime() - begin;
    long allocated = threads.getCurrentThreadAllocatedBytes() - bytes;
    return new double[] {(double) took / STEPS, (double) allocated / STEPS};
  }

  private static void run(Tracing tracing, Step step, List<Step> claimed) {
    var received = tracing.received(claimed, step.readyAt()).getFirst();
    var trace = tracing.begin(received, WAIT);
    var traced = trace.of(received);
    CurrentStep.enter(traced);
    trace.resolved(MODULE);
    trace.runStarts();
    trace.instantiated();
    trace.runEnds(RECEIPT);
    trace.end(null);
    CurrentStep.leave();
    if (tracing.isOn()) {
      var outcome = new Outcome.Completed(traced, step.document(), step.readyAt(), RECEIPT);
      tracing.settled(outcome, WAIT, 1, false);
    }
  }
}
