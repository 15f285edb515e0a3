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
 * A health check that returns in bounded time, however long its probe takes. At most one probe runs
 * at a time and concurrent callers wait for the same one; its result is cached for a moment, so
 * frequent calls cost no more than one.
 */
final class CachedCheck {
  private final HealthCheck check;
  private final Limits limits;
  private final TimeSource time;
  private final Executor threads;

  /** Guarded by this. */
  private @Nullable Probe latest;

  /**
   * @param timeout how long a caller waits, counted from the start of the probe
   * @param ttl how long a result is cached
   */
  record Limits(Duration timeout, Duration ttl) {}

  private final class Probe {
    private final Instant started = time.now();
    private final long startedNanos = time.nanos();
    private final AtomicLong tookNanos = new AtomicLong(-1); // -1 while running
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
   * A result and its probe.
   *
   * @param took how long the probe took, or has taken so far
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

  /** Starts a probe if the latest is too old, without waiting for it. */
  void start() {
    current();
  }

  /** The result of the latest probe, or a failure if it takes too long. */
  Result result() throws InterruptedException {
    return observe().result();
  }

  /** The same, with its time. */
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
      return Result.failing("no response within " + limits.timeout().toMillis() + " ms");
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
