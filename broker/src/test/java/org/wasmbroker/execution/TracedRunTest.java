package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CurrentStep;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepTrace;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.Outcomes;

/** What the trace of a step is told of its run, and which step the thread works for meanwhile. */
class TracedRunTest implements Tracing, StepTrace {
  private static final TraceContext OWN =
      TraceContext.read("00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-01", null);

  private final List<String> told = new ArrayList<>();
  private @Nullable Step during;

  @Test
  void theTraceIsToldOfEachPartAndTheOutcomeCarriesItsContext() {
    var outcome =
        run(
            invocation -> {
              during = CurrentStep.get();
              invocation.log().instantiated();
              invocation.log().line(GuestLog.Level.WARN, "hello", null);
              return new InvocationResult.Completed(
                  Document.of("{\"status\":\"completed\",\"result\":1}"), FakeEngine.receipt());
            });

    assertThat(told)
        .containsExactly(
            "begin", "resolved h", "starts", "instantiated", "warn hello", "ends", "Completed");
    assertThat(Objects.requireNonNull(during).trace()).isEqualTo(OWN);
    assertThat(outcome.step().trace()).isEqualTo(OWN);
    assertThat(CurrentStep.get()).isNull();
  }

  @Test
  void aRunThatThrowsEndsItsTraceAndIsNoLongerTheThreads() {
    var outcome =
        run(
            invocation -> {
              throw new IllegalStateException("a bug");
            });

    assertThat(told).containsExactly("begin", "resolved h", "starts", "Retry");
    assertThat(outcome.step().trace()).isEqualTo(OWN);
    assertThat(CurrentStep.get()).isNull();
  }

  private Outcome run(FakeEngine.Guest guest) {
    var module =
        new FakeEngine()
            .with("h", guest)
            .compile(new WasmBinary(Document.of("h").bytes()), Limits.DEFAULTS);
    var resolved =
        new Resolution.Resolved(Outcomes.module("h"), module, Grants.basic(Limits.DEFAULTS), null);
    var runner =
        new StepRunner(
                StepAccessFactory.BASIC,
                StepRules.NONE,
                new RetryPolicy(
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(2)),
                    Duration.ofMinutes(1)),
                TimeSource.SYSTEM,
                () -> 0.5,
                EventSink.NONE)
            .withTracing(this);
    return Objects.requireNonNull(
        runner.run(Outcomes.step("h"), () -> resolved, new Cancellation()));
  }

  @Override
  public StepTrace begin(Step step, Duration queueWait) {
    told.add("begin");
    return this;
  }

  @Override
  public Step of(Step step) {
    return step.withTrace(OWN);
  }

  @Override
  public void resolved(@Nullable ModuleId module) {
    told.add("resolved " + (module == null ? "nothing" : module.handler()));
  }

  @Override
  public void runStarts() {
    told.add("starts");
  }

  @Override
  public void instantiated() {
    told.add("instantiated");
  }

  @Override
  public void logged(String level, String message) {
    told.add(level + " " + message);
  }

  @Override
  public void runEnds(Receipt receipt) {
    told.add("ends");
  }

  @Override
  public void end(@Nullable Outcome outcome) {
    told.add(outcome == null ? "none" : outcome.getClass().getSimpleName());
  }
}
