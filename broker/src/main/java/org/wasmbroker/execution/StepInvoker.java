package org.wasmbroker.execution;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    this(retries, threadStackBytes, accesses, StepRules.NONE, logs, StepRecorder.NONE);
  }

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param accesses opens what a step may reach
   * @param rules a protocol's part
   * @param logs where the guest of a step logs to
   * @param recorder which steps are recorded
   */
  public StepInvoker(
      RetryPolicy retries,
      long threadStackBytes,
      StepAccessFactory accesses,
      StepRules rules,
      Function<Step, GuestLog> logs,
      StepRecorder recorder) {
    this(retries, threadStackBytes, accesses, rules, logs, recorder, EventSink.NONE);
  }

  /** The same, and its steps are reported. */
  public StepInvoker(
      RetryPolicy retries,
      long threadStackBytes,
      StepAccessFactory accesses,
      StepRules rules,
      Function<Step, GuestLog> logs,
      StepRecorder recorder,
      EventSink events) {
    this.runner =
        new StepRunner(
                accesses,
                rules,
                retries,
                logs,
                TimeSource.SYSTEM,
                () -> ThreadLocalRandom.current().nextDouble(),
                events)
            .withRecorder(recorder);
    this.threadStackBytes = threadStackBytes;
  }

  /** Runs a new step with its only attempt. */
  public Outcome run(HandlerRef handler, Resolution resolution, Document document) {
    return run(newStep(handler, document), resolution);
  }

  /** A new step of nobody's, with one attempt, for as long as its handler may run. */
  public static Step newStep(HandlerRef handler, Document document) {
    return step(
        new StepIds(new StepId(UUID.randomUUID()), null, null),
        handler.name(),
        handler,
        new Attempt(1, 1),
        NO_STEP_TIMEOUT,
        document);
  }

  /** A step of nobody's. */
  public static Step step(
      StepIds ids,
      String name,
      HandlerRef handler,
      Attempt attempt,
      Duration timeout,
      Document document) {
    return new Step(
        ids,
        name,
        handler,
        attempt,
        timeout,
        document,
        new Unclaimed(),
        TimeSource.SYSTEM.now(),
        TraceContext.NONE);
  }

  /**
   * Runs one step on a thread of its own, since the caller's stack may be too small for a guest.
   */
  public Outcome run(Step step, Resolution resolution) {
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

  /**
   * Runs one step on the calling thread, whose stack has to be as large as that of a guest's
   * thread.
   *
   * @param cancellation ends the step at the engine's next tick
   * @return its outcome; null if it was cancelled
   */
  public @Nullable Outcome runHere(
      Step step, Supplier<Resolution> module, Cancellation cancellation) {
    return runner.run(step, module, cancellation);
  }

  /**
   * Starts one step on a thread of its own, and does not wait for it.
   *
   * @param module supplies what to run, on that thread
   * @param cancellation ends the step at the engine's next tick
   * @return its outcome; null if it was cancelled
   */
  public CompletableFuture<@Nullable Outcome> start(
      Step step, Supplier<Resolution> module, Cancellation cancellation) {
    var outcome = new CompletableFuture<@Nullable Outcome>();
    Thread.ofPlatform()
        .name("guest")
        .stackSize(threadStackBytes)
        .daemon(true)
        .start(
            () -> {
              try {
                outcome.complete(runner.run(step, module, cancellation));
              } catch (Throwable failure) {
                outcome.completeExceptionally(failure);
              }
            });
    return outcome;
  }
}
