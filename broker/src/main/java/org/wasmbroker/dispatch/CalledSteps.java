package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent.Reason;

/**
 * Steps that come from no queue, whose callers wait for their outcomes. They are admitted as steps
 * of a queue are: by slots, compute permits and memory. Thread-safe.
 */
public final class CalledSteps implements AutoCloseable {
  private final Dispatcher dispatcher;

  /** The claim of a step is the call that it belongs to. */
  private static final class Call implements Claim {
    private final GuestLog log;
    private final CompletableFuture<@Nullable Outcome> outcome = new CompletableFuture<>();

    private Call(GuestLog log) {
      this.log = log;
    }

    static Call of(Step step) {
      if (step.claim() instanceof Call call) {
        return call;
      }
      throw new IllegalStateException("step " + step.id() + " was not called");
    }
  }

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param runner runs the steps; guests log to {@link #log}
   */
  public CalledSteps(
      DispatchConfig config,
      long threadStackBytes,
      HandlerResolver handlers,
      StepRunner runner,
      TimeSource time,
      EventSink events) {
    this.dispatcher =
        new Dispatcher(config, threadStackBytes, handlers, runner, new ToCallers(), time, events);
  }

  public void start() {
    dispatcher.start();
  }

  /** Where the guest of a called step logs to: what the call said. */
  public static GuestLog log(Step step) {
    return Call.of(step).log;
  }

  /**
   * Runs a step as soon as it is admitted, and does not wait for it.
   *
   * @param step nobody's
   * @param cancellation takes it out of the queue, or stops its guest at the engine's next tick
   * @param log gets the lines of its guest, on the guest's thread
   * @return its outcome; null if it was cancelled, or this is closed
   */
  public CompletableFuture<@Nullable Outcome> call(
      Step step, Cancellation cancellation, GuestLog log) {
    var call = new Call(log);
    dispatcher.accept(List.of(step.withClaim(call)));
    cancellation.onRequest(() -> dispatcher.cancel(call, String.valueOf(cancellation.reason())));
    return call.outcome;
  }

  /** What admits the steps, for health and metrics. */
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  /** Stops all guests; their calls end without an outcome. */
  @Override
  public void close() {
    dispatcher.close();
  }

  /** Nothing is written, so nothing waits to be. */
  private static final class ToCallers implements OutcomeReporter {
    @Override
    public int capacity() {
      return Integer.MAX_VALUE;
    }

    @Override
    public void report(Outcome outcome) {
      Call.of(outcome.step()).outcome.complete(outcome);
    }

    @Override
    public void release(List<Step> steps, Reason reason) {
      for (var step : steps) {
        var outcome = Call.of(step).outcome;
        switch (reason) {
          case DRAINING, NOT_STARTED, WAITED_TOO_LONG -> outcome.complete(null);
          case COULD_NOT_BE_QUEUED, NOT_REPORTED ->
              outcome.completeExceptionally(
                  new IllegalStateException("step " + step.id() + " ended: " + reason.text()));
        }
      }
    }

    @Override
    public boolean flush(Duration budget) {
      return true;
    }

    @Override
    public List<Step> pending() {
      return List.of();
    }
  }
}
