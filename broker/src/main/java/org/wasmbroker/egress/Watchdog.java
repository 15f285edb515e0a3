package org.wasmbroker.egress;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests whose time is over or whose run was cancelled: one thread for all of them, which
 * looks at each every 10 ms while there are any.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final long TICK_NANOS = 10_000_000;
  private static final long IDLE_NANOS = 5_000_000_000L;

  private final Set<HttpCall> calls = ConcurrentHashMap.newKeySet();
  private final Runnable onIdle;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param onIdle is run every few seconds
   */
  Watchdog(Runnable onIdle) {
    this.onIdle = onIdle;
    this.thread = Thread.ofPlatform().daemon().name("egress-watchdog").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void watch(HttpCall call) {
    calls.add(call);
    LockSupport.unpark(thread);
  }

  void unwatch(HttpCall call) {
    calls.remove(call);
  }

  /** How many requests are under way or hold an answer. */
  int watchedCount() {
    return calls.size();
  }

  private void run() {
    long idleAt = System.nanoTime();
    while (!closed) {
      try {
        calls.stream().filter(HttpCall::isExpired).forEach(this::abort);
        if (System.nanoTime() - idleAt >= IDLE_NANOS) {
          idleAt = System.nanoTime();
          onIdle.run();
        }
      } catch (RuntimeException | Error failure) { // without this thread nothing would end a call
        log.atError().setCause(failure).log("requests of guests could not be looked after");
      }
      LockSupport.parkNanos(this, calls.isEmpty() ? IDLE_NANOS : TICK_NANOS);
    }
  }

  private void abort(HttpCall call) {
    unwatch(call);
    call.abort();
  }

  /** Ends every request and the thread. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    calls.forEach(this::abort);
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
