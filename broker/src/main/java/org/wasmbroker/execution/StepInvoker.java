package org.wasmbroker.execution;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;

/** Runs steps that come from no queue exactly as those of a queue are run; each has one attempt. */
public final class StepInvoker {
  /** The handler's own time limit applies. */
  private static final Duration NO_STEP_TIMEOUT = Duration.ofDays(365);

  private final StepRunner runner;
  private final long threadStackBytes;

  private record Unclaimed() implements Claim {}

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param accesses opens what a step may reach
   * @param logs where the guest of a step logs to
   */
  public StepInvoker(
      RetryPolicy retries,
      long threadStackBytes,
      StepAccessFactory accesses,
      Function<Step, GuestLog> logs) {
    this.runner =
        new StepRunner(
            accesses,
            StepRules.NONE,
            retries,
            logs,
            TimeSource.SYSTEM,
            () -> ThreadLocalRandom.current().nextDouble(),
            EventSink.NONE);
    this.threadStackBytes = threadStackBytes;
  }

  /**
   * Runs one step on a thread of its own, since the caller's stack may be too small for a guest.
   */
  public Outcome run(HandlerRef handler, Resolution resolution, Document document) {
    var step =
        new Step(
            new StepIds(new StepId(UUID.randomUUID()), null, null),
            handler.name(),
            handler,
            new Attempt(1, 1),
            NO_STEP_TIMEOUT,
            document,
            new Unclaimed(),
            TimeSource.SYSTEM.now(),
            TraceContext.NONE);
    var task = new FutureTask<>(() -> runner.run(step, () -> resolution, new Cancellation()));
    Thread.ofPlatform().name("guest").stackSize(threadStackBytes).daemon(true).start(task);
    try {
      return Objects.requireNonNull(task.get(), "a step that is not cancelled has an outcome");
    } catch (ExecutionException failure) {
      throw new IllegalStateException(failure.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }
}
