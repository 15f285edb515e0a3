package org.wasmbroker.dispatch;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Step;

/** Finds the module of a step, and thus its memory limit, before it starts. Thread-safe. */
record ModuleFinder(HandlerResolver handlers, long budgetBytes) {
  /**
   * What a step will run.
   *
   * @param resolution supplies the module, or throws what went wrong in resolving it
   * @param memory the memory limit of the guest, in bytes; 0 if there will be no guest
   */
  record FoundModule(Supplier<Resolution> resolution, long memory) {}

  /** The reference by which the module of a step is looked up. */
  HandlerRef route(Step step) {
    try {
      return handlers.route(step.handler(), step);
    } catch (RuntimeException | Error failure) {
      return step.handler(); // others are added with it
    }
  }

  /** What a step will run if that is already known; else null. */
  @Nullable FoundModule findKnown(Step step) {
    try {
      var routed = route(step);
      var known = handlers.cached(routed);
      return known == null ? null : found(step, routed, known);
    } catch (Throwable failure) {
      return failed(failure); // of this step alone: others are added with it
    }
  }

  /**
   * What the steps that were routed to this reference will run; may take as long as compiling a
   * module does. Null for a step that has to be looked up anew: the module that it began with is
   * nowhere any more.
   */
  Function<Step, @Nullable FoundModule> find(HandlerRef routed) {
    try {
      var resolution = handlers.resolve(routed);
      return resolution instanceof Resolution.Unknown
          ? step -> isRoutedElsewhere(step, routed) ? null : found(step, routed, resolution)
          : step -> found(step, routed, resolution);
    } catch (Throwable failure) {
      return _ -> failed(failure);
    }
  }

  private boolean isRoutedElsewhere(Step step, HandlerRef routed) {
    return !route(step).equals(routed);
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

  private FoundModule found(Step step, HandlerRef routed, Resolution resolution) {
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
    return new FoundModule(() -> currentResolution(step, routed, memory), memory);
  }

  /**
   * A step that waited while the policy or the rollout changed starts under the current ones, with
   * no more memory than it was admitted with. It loads no module, as it has a slot by now.
   */
  private Resolution currentResolution(Step step, HandlerRef routed, long memory) {
    var current = current(step, routed);
    if (!(current instanceof Resolved(var id, var module, var grants, var output))
        || grants.limits().memoryBytes() <= memory) {
      return current;
    }
    return new Resolved(
        id, module, grants.withLimits(grants.limits().withMemoryBytes(memory)), output);
  }

  private Resolution current(Step step, HandlerRef routed) {
    var routedNow = route(step);
    if (!routedNow.equals(routed) && handlers.cached(routedNow) instanceof Resolved now) {
      return now;
    }
    return handlers.current(routed);
  }
}
