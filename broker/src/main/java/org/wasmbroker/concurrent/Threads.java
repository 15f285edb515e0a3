package org.wasmbroker.concurrent;

import java.time.Duration;

/** Waits for threads to end. */
public final class Threads {
  private Threads() {}

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
