package org.wasmbroker.telemetry;

import java.time.Duration;
import org.wasmbroker.step.ModuleId;

/** Loading modules. */
public sealed interface ModuleEvent extends BrokerEvent {
  /** A module is ready to run. */
  record Loaded(ModuleId module, int bytes, Duration took) implements ModuleEvent {}

  /** A handler's module cannot be used. */
  record Refused(String handler, String reason) implements ModuleEvent {}
}
