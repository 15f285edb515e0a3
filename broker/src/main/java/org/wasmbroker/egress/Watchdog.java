package org.wasmbroker.egress;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.ServiceThread;

/**
 * Aborts requests whose time is up or whose run was cancelled. One thread checks all of them every
 * 10 ms while any are in flight, and aborts them again until they have ended.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final long TICK_NANOS = 10_000_000;
  private static final long IDLE_NANOS = 5_000_000_000L;

  private final Set<HttpCall> calls = ConcurrentHashMap.newKeySet();
  private final Runnable onIdle;
  private final ServiceThread thread;
  private volatile boolean closed;

  /**
   * @param onIdle run every few seconds
   */
  Watchdog(Runnable onIdle) {
    this.onIdle = onIdle;
    this.thread = new ServiceThread("egress-watchdog", this::run);
  }

  void start() {
    thread.start();
  }

  void watch(HttpCall call) {
    calls.add(call);
    thread.unpark();
  }

  void unwatch(HttpCall call) {
    calls.remove(call);
  }

  /** The number of requests in flight, including those with an open response. */
  int activeCount() {
    return (int) calls.stream().filter(call -> !call.isAborted()).count();
  }

  private void run() {
    long idleAt = System.nanoTime();
    while (!closed) {
      try {
        calls.stream().filter(HttpCall::isExpired).forEach(HttpCall::abort);
        if (System.nanoTime() - idleAt >= IDLE_NANOS) {
          idleAt = System.nanoTime();
          onIdle.run();
        }
      } catch (RuntimeException | Error failure) { // without this thread nothing would abort a call
        log.atError().setCause(failure).log("the egress watchdog failed; it continues");
      }
      LockSupport.parkNanos(this, calls.isEmpty() ? IDLE_NANOS : TICK_NANOS);
    }
  }

  /** Aborts every request and ends the thread. */
  @Override
  public void close() {
    thread.stop(); // first, since a thread that ends before it is stopped counts as failed
    closed = true;
    thread.unpark();
    calls.forEach(HttpCall::abort);
    thread.joinUninterruptibly();
  }
}
