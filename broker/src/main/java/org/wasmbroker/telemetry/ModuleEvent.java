package org.wasmbroker.telemetry;

import java.time.Duration;
import org.wasmbroker.step.ModuleId;

/** Loading modules. */
public sealed interface ModuleEvent extends BrokerEvent {
  /** A module is ready to run. */
  record Loaded(ModuleId module, int bytes, Duration took) implements ModuleEvent {}

  /** A module was compiled; one that is loaded from the compile cache is not. */
  record Compiled(Duration took) implements ModuleEvent {}

  /**
   * A module came into memory, or was freed.
   *
   * @param modules how many there are now
   * @param codeBytes the size of their machine code
   */
  record InMemory(int modules, long codeBytes) implements ModuleEvent {}

  /** The compilation of a module exceeded a limit, or ended its process. */
  record CompilationFailed(CompilationFailure reason) implements ModuleEvent {}

  /** Why a compilation failed. */
  enum CompilationFailure {
    TIME,
    MEMORY,
    CRASH
  }

  /** A handler's module cannot be used. */
  record Refused(String handler, Refusal kind, String reason) implements ModuleEvent {}

  /** What is at fault when a module cannot be used. */
  enum Refusal {
    /** The module itself. */
    UNUSABLE,
    /** Where it was fetched from, or what it was compiled with; it may work again later. */
    UNAVAILABLE,
    /** A signature that the policy demands is missing or wrong. */
    UNTRUSTED,
    /** A person has to approve it first. */
    AWAITING_APPROVAL
  }

  /** A source of modules could not be listed. */
  record SourceFailed(String source, String reason) implements ModuleEvent {}

  /** The content of a release changed in its source after it was loaded; it is not used. */
  record ContentChanged(String handler) implements ModuleEvent {}

  /** An image was prepared for the configuration of a step, to be used by others as well. */
  record ImageMade(Duration took) implements ModuleEvent {}

  /** No image was prepared for the configuration of a step. */
  record PreparationFailed(PreparationFailure reason) implements ModuleEvent {}

  /** Why there is no image. */
  enum PreparationFailure {
    TRAPPED,
    GUEST_FAILED,
    LIMIT_EXCEEDED,
    /** The preparation succeeded, and each run repeats it. */
    IMAGE_TOO_LARGE
  }
}
