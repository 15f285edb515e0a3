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
  private final Runnable whenIdle;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param whenIdle is run every few seconds
   */
  Watchdog(Runnable whenIdle) {
    this.whenIdle = whenIdle;
    this.thread = Thread.ofPlatform().daemon().name("egress-watchdog").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void watch(HttpCall call) {
    calls.add(call);
    LockSupport.unpark(thread);
  }

  void forget(HttpCall call) {
    calls.remove(call);
  }

  /** How many requests are under way or hold an answer. */
  int watched() {
    return calls.size();
  }

  private void run() {
    long idleAt = System.nanoTime();
    while (!closed) {
      try {
        calls.stream().filter(HttpCall::isOver).forEach(this::end);
        if (System.nanoTime() - idleAt >= IDLE_NANOS) {
          idleAt = System.nanoTime();
          whenIdle.run();
        }
      } catch (RuntimeException | Error failure) { // without this thread nothing would end a call
        log.atError().setCause(failure).log("requests of guests could not be looked after");
      }
      LockSupport.parkNanos(this, calls.isEmpty() ? IDLE_NANOS : TICK_NANOS);
    }
  }

  private void end(HttpCall call) {
    forget(call);
    call.end();
  }

  /** Ends every request and the thread. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    calls.forEach(this::end);
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
