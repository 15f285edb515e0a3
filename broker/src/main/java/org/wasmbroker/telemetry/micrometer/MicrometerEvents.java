package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.TrustEvent;

/**
 * Turns events into meters, by concern. The tag {@code handler} is the name of a module that was
 * loaded: names in messages can be anything, and would create time series without bound.
 */
final class MicrometerEvents implements EventSink {
  private static final int MAX_HANDLERS = 200;

  private final StepMeters steps;
  private final IntakeMeters intake;
  private final ReportMeters reports;
  private final ModuleMeters modules;
  private final PolicyMeters policy;
  private final TrustMeters trust;
  private final RolloutMeters rollout;
  private final TaskerMeters tasker;

  MicrometerEvents(MeterRegistry registry) {
    var handlers = new TagLimiter(MAX_HANDLERS, Set.of(StepMeters.NO_HANDLER));
    steps = new StepMeters(registry, handlers);
    intake = new IntakeMeters(registry);
    reports = new ReportMeters(registry);
    modules = new ModuleMeters(registry, handlers);
    policy = new PolicyMeters(registry);
    trust = new TrustMeters(registry);
    rollout = new RolloutMeters(registry, handlers);
    tasker = new TaskerMeters(registry);
  }

  @Override
  public void on(BrokerEvent event) {
    switch (event) {
      case StepEvent step -> steps.on(step);
      case IntakeEvent claim -> intake.on(claim);
      case ReportEvent report -> reports.on(report);
      case ModuleEvent module -> modules.on(module);
      case PolicyEvent change -> policy.on(change);
      case TrustEvent change -> trust.on(change);
      case RolloutEvent change -> rollout.on(change);
      case TaskerEvent work -> tasker.on(work);
      case LifecycleEvent.DrainStarted _ -> {}
    }
  }
}
