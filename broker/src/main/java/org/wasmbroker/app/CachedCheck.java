package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.step.TimeSource;

/**
 * A health check that answers in bounded time, however long the look itself takes. One look is
 * under way at most: who asks meanwhile waits for the same one, and a finding is kept for a moment,
 * so that asking often costs what asking once does.
 */
final class CachedCheck {
  private final HealthCheck check;
  private final Limits limits;
  private final TimeSource time;
  private final Executor threads;

  /** Guarded by this. */
  private @Nullable Probe latest;

  /**
   * @param timeout how long who asks is kept waiting, counted from the start of the look
   * @param ttl how long a finding stands
   */
  record Limits(Duration timeout, Duration ttl) {}

  private final class Probe {
    private final Instant started = time.now();
    private final long startedNanos = time.nanos();
    private final AtomicLong tookNanos = new AtomicLong(-1); // -1 as long as it goes on
    private final FutureTask<Result> task = new FutureTask<>(this::run);

    private Result run() throws Exception {
      try {
        return check.probe().call();
      } finally {
        tookNanos.set(time.nanos() - startedNanos);
      }
    }

    private Duration took() {
      long took = tookNanos.get();
      return Duration.ofNanos(took < 0 ? time.nanos() - startedNanos : took);
    }
  }

  /**
   * A finding and its look.
   *
   * @param took how long the look took, or has taken so far
   */
  record Observation(Result result, Instant at, Duration took) {}

  CachedCheck(HealthCheck check, Limits limits, TimeSource time, Executor threads) {
    this.check = check;
    this.limits = limits;
    this.time = time;
    this.threads = threads;
  }

  String name() {
    return check.name();
  }

  /** Starts a look if the latest is too old, and does not wait for it. */
  void start() {
    current();
  }

  /** What the latest look found, or that it takes too long. */
  Result result() throws InterruptedException {
    return observe().result();
  }

  /** The same, and when. */
  Observation observe() throws InterruptedException {
    var probe = current();
    var result = result(probe);
    return new Observation(result, probe.started, probe.took());
  }

  private Result result(Probe probe) throws InterruptedException {
    long remaining = limits.timeout().toNanos() - (time.nanos() - probe.startedNanos);
    try {
      return probe.task.get(Math.max(0, remaining), TimeUnit.NANOSECONDS);
    } catch (TimeoutException timedOut) {
      return Result.failing("no answer within " + limits.timeout().toMillis() + " ms");
    } catch (ExecutionException failed) {
      return Result.failing(message(failed.getCause()));
    }
  }

  private Probe current() {
    Probe started;
    synchronized (this) {
      if (latest != null && !(latest.task.isDone() && isOld(latest))) {
        return latest;
      }
      started = new Probe();
      latest = started;
    }
    threads.execute(started.task);
    return started;
  }

  private boolean isOld(Probe probe) {
    return time.nanos() - probe.startedNanos >= limits.ttl().toNanos();
  }

  private static String message(@Nullable Throwable cause) {
    if (cause == null) {
      return "failed";
    }
    var message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
