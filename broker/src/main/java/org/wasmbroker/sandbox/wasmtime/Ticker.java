package org.wasmbroker.sandbox.wasmtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.concurrent.ServiceThread;

/**
 * Increments the engine's epoch at every tick, so that each running guest calls back and its
 * deadline and cancellation are checked. Parks while no guest runs, but only some time after the
 * last one, so that a sequence of short runs does not have to wake it each time.
 */
final class Ticker implements AutoCloseable {
  private static final int IDLE_TICKS = 100;

  private final Runnable tick;
  private final long intervalNanos;
  private final AtomicInteger runningGuests = new AtomicInteger();
  private final ServiceThread thread;
  private volatile boolean parked;
  private volatile boolean closed;

  Ticker(Runnable tick, Duration interval) {
    this.tick = tick;
    this.intervalNanos = interval.toNanos();
    this.thread = new ServiceThread("engine-ticker", this::loop);
  }

  void start() {
    thread.start();
  }

  /** Called before a guest runs. */
  void guestStarted() {
    runningGuests.incrementAndGet();
    if (parked) {
      thread.unpark();
    }
  }

  /** Called after the guest has ended. */
  void guestEnded() {
    runningGuests.decrementAndGet();
  }

  /** Stops the thread. */
  @Override
  public void close() {
    thread.stop(); // first, since a thread that ends before it is stopped counts as failed
    closed = true;
    thread.unpark();
    thread.joinUninterruptibly();
  }

  private void loop() {
    int idle = 0;
    while (!closed) {
      idle = runningGuests.get() == 0 ? idle + 1 : 0;
      if (idle > IDLE_TICKS) {
        parkWhileIdle();
        idle = 0;
      }
      LockSupport.parkNanos(this, intervalNanos);
      tick.run();
    }
  }

  /**
   * {@code parked} is set before the last check of {@code runningGuests}, and read after that is
   * set.
   */
  private void parkWhileIdle() {
    parked = true;
    while (runningGuests.get() == 0 && !closed) {
      LockSupport.park(this);
    }
    parked = false;
  }
}
