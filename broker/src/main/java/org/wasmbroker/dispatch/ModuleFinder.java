package org.wasmbroker.dispatch;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.step.HandlerRef;

/** Finds the module of a handler, and thus a step's memory limit, before it starts. Thread-safe. */
record ModuleFinder(HandlerResolver handlers, long budgetBytes) {
  /**
   * What a step will run.
   *
   * @param resolution supplies the module, or throws what went wrong in resolving it
   * @param memory the memory limit of the guest, in bytes; 0 if there will be no guest
   */
  record FoundModule(Supplier<Resolution> resolution, long memory) {}

  /** What a step of this handler will run if that is already known; else null. */
  @Nullable FoundModule findKnown(HandlerRef handler) {
    try {
      var known = handlers.cached(handler);
      return known == null ? null : found(handler, known);
    } catch (Throwable failure) {
      return failed(failure); // of this step alone: others are added with it
    }
  }

  /** What a step of this handler will run; may take as long as compiling a module does. */
  FoundModule find(HandlerRef handler) {
    try {
      return found(handler, handlers.resolve(handler));
    } catch (Throwable failure) {
      return failed(failure);
    }
  }

  /** The step fails when it starts, with this as the cause. */
  static FoundModule failed(Throwable failure) {
    return new FoundModule(
        () -> {
          switch (failure) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new IllegalStateException(failure);
          }
        },
        0);
  }

  private FoundModule found(HandlerRef handler, Resolution resolution) {
    if (!(resolution instanceof Resolved resolved)) {
      return new FoundModule(() -> resolution, 0);
    }
    long memory = resolved.grants().limits().memoryBytes();
    if (memory > budgetBytes) {
      var reason =
          "%s may use %d bytes of memory, more than dispatch.memory allows all steps together, %d bytes"
              .formatted(resolved.id(), memory, budgetBytes);
      return new FoundModule(() -> new Refused(reason), 0);
    }
    return new FoundModule(() -> currentResolution(handler, memory), memory);
  }

  /**
   * A step that waited while the policy changed starts under the current policy, with no more
   * memory than it was admitted with. It loads no module, as it has a slot by now.
   */
  private Resolution currentResolution(HandlerRef handler, long memory) {
    var current = handlers.current(handler);
    if (!(current instanceof Resolved(var id, var module, var grants, var output))
        || grants.limits().memoryBytes() <= memory) {
      return current;
    }
    return new Resolved(
        id, module, grants.withLimits(grants.limits().withMemoryBytes(memory)), output);
  }
}
