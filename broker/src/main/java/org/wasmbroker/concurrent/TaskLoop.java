package org.wasmbroker.concurrent;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that repeats a task until it is stopped. Each run of the task returns the delay
 * before the next one, which {@link #wake} and {@link #stop} cut short. A task deals with the
 * failures that it expects; any other one is logged and seen by health, and the loop backs off and
 * continues ({@link ServiceThread}).
 */
public final class TaskLoop implements AutoCloseable {
  private final String name;
  private final Duration initialDelay;
  private final Supplier<Duration> task;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All below is guarded by the lock.
  private @Nullable ServiceThread thread;
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
      thread = new ServiceThread(name, this::run);
      thread.start();
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
      if (thread != null) {
        thread.stop();
      }
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
      started.joinUninterruptibly();
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
    return started == null || started.join(timeout);
  }

  /** The loop's thread, unless it is the caller's. */
  private @Nullable ServiceThread startedByOther() {
    lock.lock();
    try {
      return thread == null || thread.isCurrent() ? null : thread;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    var own = own();
    var delay = initialDelay;
    while (await(delay)) {
      try {
        delay = task.get();
        own.succeeded();
      } catch (RuntimeException | Error unexpected) {
        delay = own.failed(unexpected);
      }
    }
  }

  private ServiceThread own() {
    lock.lock(); // start() holds it until the field is set
    try {
      return Objects.requireNonNull(thread);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the delay, a wake-up or the stop; false when it was stopped. */
  private boolean await(Duration delay) {
    lock.lock();
    try {
      long nanos = delay.toNanos();
      while (!stopped && !woken && nanos > 0) {
        long end = System.nanoTime() + nanos;
        try {
          nanos = changed.awaitNanos(nanos);
        } catch (InterruptedException ignored) { // a task may have left it behind
          nanos = end - System.nanoTime();
        }
      }
      woken = false;
      return !stopped;
    } finally {
      lock.unlock();
    }
  }
}
