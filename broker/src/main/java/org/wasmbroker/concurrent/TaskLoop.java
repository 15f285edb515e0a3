package org.wasmbroker.concurrent;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.Backoff;

/**
 * A daemon thread that repeats a task until it is stopped. Each run of the task returns the delay
 * before the next one, which {@link #wake} and {@link #stop} cut short. A task deals with the
 * failures that it expects; after any other one the loop logs it, backs off and continues.
 */
public final class TaskLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TaskLoop.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

  private final String name;
  private final Duration initialDelay;
  private final Supplier<Duration> task;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All below is guarded by the lock.
  private @Nullable Thread thread;
  private boolean woken;
  private boolean stopped;

  /**
   * The task runs for the first time at the start.
   *
   * @param name of the thread
   * @param task returns the delay before its next run
   */
  public TaskLoop(String name, Supplier<Duration> task) {
    this(name, Duration.ZERO, task);
  }

  /**
   * @param name of the thread
   * @param initialDelay before the first run
   * @param task returns the delay before its next run
   */
  public TaskLoop(String name, Duration initialDelay, Supplier<Duration> task) {
    this.name = name;
    this.initialDelay = initialDelay;
    this.task = task;
  }

  public void start() {
    lock.lock();
    try {
      if (stopped || thread != null) {
        throw new IllegalStateException(name + " is started once");
      }
      thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    } finally {
      lock.unlock();
    }
  }

  public boolean isStarted() {
    lock.lock();
    try {
      return thread != null;
    } finally {
      lock.unlock();
    }
  }

  public boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the delay before the next run; a call during a run ends the delay after it. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets the run under way be the last one, and does not wait for its end. */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Stops, and waits for the end of the run under way unless this is the loop's own thread. */
  @Override
  public void close() {
    stop();
    var started = startedByOther();
    if (started != null) {
      Threads.joinUninterruptibly(started);
    }
  }

  /**
   * Stops, and waits up to the timeout for the end of the run under way.
   *
   * @return whether it has ended
   */
  public boolean close(Duration timeout) {
    stop();
    var started = startedByOther();
    return started == null || Threads.join(started, timeout);
  }

  /** The loop's thread, unless it is the caller's. */
  private @Nullable Thread startedByOther() {
    lock.lock();
    try {
      return Thread.currentThread().equals(thread) ? null : thread;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    int failures = 0;
    var delay = initialDelay;
    while (await(delay)) {
      try {
        delay = task.get();
        failures = 0;
      } catch (RuntimeException | Error unexpected) {
        failures++;
        delay = BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
        log.atError()
            .addKeyValue("delay_ms", delay.toMillis())
            .setCause(unexpected)
            .log("{} failed unexpectedly and is tried again", name);
      }
    }
  }

  /** Waits for the delay, a wake-up or the stop; false when it was stopped or interrupted. */
  private boolean await(Duration delay) {
    lock.lock();
    try {
      long nanos = delay.toNanos();
      while (!stopped && !woken && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      woken = false;
      return !stopped;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
