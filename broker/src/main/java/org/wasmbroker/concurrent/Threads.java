package org.wasmbroker.concurrent;

import java.time.Duration;

/** Threads that have one task, and how to wait for their ends. */
public final class Threads {
  private Threads() {}

  /**
   * Starts a daemon thread for one task. Not a virtual one: a task that computes, or is in native
   * code, would keep one of the few carriers from all virtual threads, such as those of health.
   */
  public static Thread startTask(String name, Runnable task) {
    return Thread.ofPlatform().name(name).daemon(true).start(task);
  }

  /** Waits until the thread has ended, and interrupts the caller afterwards if it was meanwhile. */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits up to the timeout for the thread to end; an interrupt ends the wait and stays set.
   *
   * @return whether it has ended
   */
  public static boolean join(Thread thread, Duration timeout) {
    try {
      return thread.join(timeout);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }
}
