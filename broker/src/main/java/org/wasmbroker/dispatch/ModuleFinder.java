package org.wasmbroker.dispatch;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.step.Step;

/** Finds a step's module before it starts, and so the memory that it may use. Thread-safe. */
record ModuleFinder(HandlerResolver handlers, long budgetBytes) {
  /**
   * What a step will run.
   *
   * @param resolution gives it, or throws what went wrong in looking for it
   * @param memory what its guest may use, in bytes; 0 if there will be no guest
   */
  record Found(Supplier<Resolution> resolution, long memory) {}

  /** What the step will run, if that takes but a look; else null. */
  @Nullable Found known(Step step) {
    var known = handlers.known(step.handler());
    return known == null ? null : found(step, known);
  }

  /** What the step will run; may compile a module. */
  Found find(Step step) {
    try {
      return found(step, handlers.resolve(step.handler()));
    } catch (RuntimeException fault) {
      return new Found(
          () -> {
            throw fault;
          },
          0);
    } catch (LinkageError | StackOverflowError | OutOfMemoryError fault) {
      return new Found(
          () -> {
            throw fault;
          },
          0);
    }
  }

  private Found found(Step step, Resolution resolution) {
    if (!(resolution instanceof Resolved resolved)) {
      return new Found(() -> resolution, 0);
    }
    long memory = resolved.grants().limits().memoryBytes();
    if (memory > budgetBytes) {
      var why =
          "%s may use %d bytes of memory, and dispatch.memory is %d for all steps together"
              .formatted(resolved.id(), memory, budgetBytes);
      return new Found(() -> new Refused(why), 0);
    }
    return new Found(() -> asItIsNow(step, memory), memory);
  }

  /**
   * A step that waited while the policy changed starts under the one that holds now, with no more
   * memory than it was admitted for.
   */
  private Resolution asItIsNow(Step step, long memory) {
    var now = handlers.resolve(step.handler());
    if (!(now instanceof Resolved(var id, var module, var grants, var output))
        || grants.limits().memoryBytes() <= memory) {
      return now;
    }
    return new Resolved(
        id, module, grants.withLimits(grants.limits().withMemoryBytes(memory)), output);
  }
}
