package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Config;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.wasmbroker.concurrent.ServiceThread;

/**
 * The engine's slots and the thread that checks their deadlines. The most recently released slot is
 * acquired first, so that a broker with little load compiles its modules for few slots.
 */
final class Slots implements AutoCloseable {
  private final List<EngineSlot> all;
  private final ConcurrentLinkedDeque<EngineSlot> free;
  private final Semaphore permits;
  private final ServiceThread ticker;
  private volatile boolean parked;
  private volatile boolean closed;

  Slots(int count, Config config, Duration tick) {
    all = IntStream.range(0, count).mapToObj(index -> new EngineSlot(index, config)).toList();
    free = new ConcurrentLinkedDeque<>(all);
    permits = new Semaphore(count);
    ticker = new ServiceThread("wasmtime-java-ticker", () -> tickLoop(tick.toNanos()));
    ticker.start();
  }

  int count() {
    return all.size();
  }

  /** Acquires a slot, waiting for one if necessary. */
  EngineSlot acquire() {
    permits.acquireUninterruptibly();
    if (parked) {
      ticker.unpark();
    }
    return free.pop();
  }

  void release(EngineSlot slot) {
    free.push(slot);
    permits.release();
  }

  private void tickLoop(long nanos) {
    while (!closed) {
      if (permits.availablePermits() == all.size()) {
        parkWhileIdle();
      }
      LockSupport.parkNanos(this, nanos);
      all.forEach(EngineSlot::tick);
    }
  }

  /**
   * {@code parked} is set before the last check of the permits, and read after a slot was acquired.
   */
  private void parkWhileIdle() {
    parked = true;
    while (permits.availablePermits() == all.size() && !closed) {
      LockSupport.park(this);
    }
    parked = false;
  }

  /** Waits for the runs in progress, stops the ticks, and frees the engines. */
  @Override
  public void close() {
    permits.acquireUninterruptibly(all.size());
    ticker.stop(); // first, since a thread that ends before it is stopped counts as failed
    closed = true;
    ticker.unpark();
    ticker.joinUninterruptibly();
    all.forEach(EngineSlot::close);
  }
}
