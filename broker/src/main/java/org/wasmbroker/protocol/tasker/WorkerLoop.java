package org.wasmbroker.protocol.tasker;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon thread that takes one turn after the other, until it is closed. */
public final class WorkerLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerLoop.class);
  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(2);
  private static final Duration ERROR_DELAY = Duration.ofSeconds(5);

  private final String name;
  private final Supplier<Duration> task;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private @Nullable Thread thread;
  private boolean woken;
  private boolean closed;

  /**
   * @param task answers how long to wait for the next one
   */
  public WorkerLoop(String name, Supplier<Duration> task) {
    this.name = name;
    this.task = task;
  }

  public void start() {
    lock.lock();
    try {
      if (closed || thread != null) {
        throw new IllegalStateException(name + " is started once");
      }
      thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the wait for the next turn. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitNextTurn(runTurn())) {}
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration runTurn() {
    try {
      return task.get();
    } catch (RuntimeException failure) {
      log.error("{} failed, and goes on in a while", name, failure);
      return ERROR_DELAY;
    }
  }

  private boolean awaitNextTurn(Duration wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = wait.toNanos();
      while (!closed && !woken && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      woken = false;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  public boolean wasStarted() {
    lock.lock();
    try {
      return thread != null;
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the last turn has ended, or after a moment if that takes longer. */
  @Override
  public void close() {
    @Nullable Thread started;
    lock.lock();
    try {
      closed = true;
      started = thread;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (started != null && !started.join(CLOSE_BUDGET)) {
        log.warn("{} is still at work", name);
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
