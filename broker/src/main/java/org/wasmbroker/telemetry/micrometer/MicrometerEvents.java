package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.McpEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.SessionEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.TraceEvent;
import org.wasmbroker.telemetry.TrustEvent;

/** Turns events into meters, by concern. */
final class MicrometerEvents implements EventSink {
  private final Exemplars exemplars;
  private final StepMeters steps;
  private final IntakeMeters intake;
  private final ReportMeters reports;
  private final ModuleMeters modules;
  private final PolicyMeters policy;
  private final TrustMeters trust;
  private final RolloutMeters rollout;
  private final TaskerMeters tasker;
  private final LifecycleMeters lifecycle;
  private final TraceMeters traces;
  private final RecordingMeters recordings;
  private final McpMeters mcp;
  private final SessionMeters sessions;

  MicrometerEvents(
      MeterRegistry registry, HandlerTable handlers, KnownValues known, Exemplars exemplars) {
    this.exemplars = exemplars;
    steps = new StepMeters(registry, handlers, known);
    intake = new IntakeMeters(registry, known);
    reports = new ReportMeters(registry);
    modules = new ModuleMeters(registry);
    policy = new PolicyMeters(registry);
    trust = new TrustMeters(registry);
    rollout = new RolloutMeters(registry);
    tasker = new TaskerMeters(registry);
    lifecycle = new LifecycleMeters(registry);
    traces = new TraceMeters(registry);
    recordings = new RecordingMeters(registry);
    mcp = new McpMeters(registry);
    sessions = new SessionMeters(registry);
  }

  @Override
  public void on(BrokerEvent event) {
    switch (event) {
      case StepEvent step -> on(step);
      case IntakeEvent claim -> intake.on(claim);
      case ReportEvent report -> reports.on(report);
      case ModuleEvent module -> modules.on(module);
      case PolicyEvent change -> policy.on(change);
      case TrustEvent change -> trust.on(change);
      case RolloutEvent change -> rollout.on(change);
      case TaskerEvent work -> tasker.on(work);
      case TraceEvent spans -> traces.on(spans);
      case RecordingEvent recording -> recordings.on(recording);
      case McpEvent served -> mcp.on(served);
      case SessionEvent served -> sessions.on(served);
      case LifecycleEvent change -> lifecycle.on(change);
    }
  }

  private void on(StepEvent event) {
    var trace = event.step().trace();
    if (trace.traceparent() == null) {
      steps.on(event);
    } else {
      exemplars.during(trace, () -> steps.on(event));
    }
  }
}
