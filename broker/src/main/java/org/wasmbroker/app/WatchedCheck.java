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
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.step.TimeSource;

/**
 * A health check that answers in bounded time, however long the look itself takes. One look is
 * under way at most: who asks meanwhile waits for the same one, and a finding is kept for a moment,
 * so that asking often costs what asking once does.
 */
final class WatchedCheck {
  private final HealthCheck check;
  private final Limits limits;
  private final TimeSource time;
  private final Executor threads;

  /** Guarded by this. */
  private @Nullable Look latest;

  /**
   * @param answer how long who asks is kept waiting, counted from the start of the look
   * @param keep how long a finding stands
   */
  record Limits(Duration answer, Duration keep) {}

  private final class Look {
    private final Instant started = time.now();
    private final long startedNanos = time.nanos();
    private final AtomicLong tookNanos = new AtomicLong(-1); // -1 as long as it goes on
    private final FutureTask<Finding> task = new FutureTask<>(this::look);

    private Finding look() throws Exception {
      try {
        return check.look().call();
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
  record Seen(Finding finding, Instant at, Duration took) {}

  WatchedCheck(HealthCheck check, Limits limits, TimeSource time, Executor threads) {
    this.check = check;
    this.limits = limits;
    this.time = time;
    this.threads = threads;
  }

  String name() {
    return check.name();
  }

  /** Starts a look if the latest is too old, and does not wait for it. */
  void begin() {
    look();
  }

  /** What the latest look found, or that it takes too long. */
  Finding finding() throws InterruptedException {
    return seen().finding();
  }

  /** The same, and when. */
  Seen seen() throws InterruptedException {
    var look = look();
    var finding = finding(look);
    return new Seen(finding, look.started, look.took());
  }

  private Finding finding(Look look) throws InterruptedException {
    long left = limits.answer().toNanos() - (time.nanos() - look.startedNanos);
    try {
      return look.task.get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException stillLooking) {
      return Finding.failing("no answer within " + limits.answer().toMillis() + " ms");
    } catch (ExecutionException failed) {
      return Finding.failing(message(failed.getCause()));
    }
  }

  private Look look() {
    Look started;
    synchronized (this) {
      if (latest != null && !(latest.task.isDone() && isOld(latest))) {
        return latest;
      }
      started = new Look();
      latest = started;
    }
    threads.execute(started.task);
    return started;
  }

  private boolean isOld(Look look) {
    return time.nanos() - look.startedNanos >= limits.keep().toNanos();
  }

  private static String message(@Nullable Throwable cause) {
    if (cause == null) {
      return "failed";
    }
    var message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
