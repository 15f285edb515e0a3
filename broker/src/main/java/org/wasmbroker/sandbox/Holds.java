package org.wasmbroker.sandbox;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who uses a thing that is freed once it is closed and the last of them has ended.
 * Thread-safe.
 */
public final class Holds {
  private final String name;
  private final Runnable free;

  /** Those who hold it, plus one until it is closed. Never increases again from 0. */
  private final AtomicInteger count = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param name of what is held, for an error
   * @param free called once, by whoever is last
   */
  public Holds(String name, Runnable free) {
    this.name = name;
    this.free = free;
  }

  /**
   * Keeps it from being freed until {@link #release}.
   *
   * @return false if it is freed
   */
  public boolean take() {
    return count.getAndUpdate(current -> current == 0 ? 0 : current + 1) != 0;
  }

  /**
   * Keeps it from being freed until {@link #release}.
   *
   * @throws IllegalStateException if it is freed
   */
  public void require() {
    if (!take()) {
      throw new IllegalStateException(name + " is closed");
    }
  }

  /** Ends what {@link #take} or {@link #require} began. */
  public void release() {
    if (count.decrementAndGet() == 0) {
      free.run();
    }
  }

  /** Frees it as soon as nobody holds it. Has no effect if called again. */
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }
}
