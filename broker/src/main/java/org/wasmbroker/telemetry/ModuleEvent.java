package org.wasmbroker.telemetry;

import java.time.Duration;
import org.wasmbroker.step.ModuleId;

/** Loading modules. */
public sealed interface ModuleEvent extends BrokerEvent {
  /** A module is ready to run. */
  record Loaded(ModuleId module, int bytes, Duration took) implements ModuleEvent {}

  /** A module was compiled; one that is loaded from the compile cache is not. */
  record Compiled(Duration took) implements ModuleEvent {}

  /** The compilation of a module exceeded a limit, or ended its process. */
  record CompilationFailed(CompilationFailure reason) implements ModuleEvent {}

  /** Why a compilation failed. */
  enum CompilationFailure {
    TIME,
    MEMORY,
    CRASH
  }

  /** A handler's module cannot be used. */
  record Refused(String handler, String reason) implements ModuleEvent {}
}
