package org.wasmbroker.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/**
 * Ends a wait on the first SIGTERM or SIGINT, and the process on a second one. A shutdown hook
 * could do neither: the exit code would be the signal's, and a second signal would be ignored.
 */
public final class StopSignals implements AutoCloseable {
  /** By convention, a process that a signal ended exits with 128 plus the signal's number. */
  private static final Map<String, Integer> EXIT_CODES = Map.of("TERM", 128 + 15, "INT", 128 + 2);

  private static final long LOOK_MILLIS = 50;

  private final CountDownLatch firstSignal = new CountDownLatch(1);
  private final Map<String, Object> previousHandlers = new HashMap<>();

  public StopSignals() {
    EXIT_CODES.forEach(
        (signal, code) ->
            previousHandlers.put(signal, Signals.register(signal, () -> arrived(code))));
  }

  private void arrived(int exitCode) {
    if (firstSignal.getCount() == 0) {
      Runtime.getRuntime().halt(exitCode);
    }
    firstSignal.countDown();
  }

  /** Waits for the first signal. */
  public void await() throws InterruptedException {
    firstSignal.await();
  }

  /** Waits for the first signal, but not longer than this; returns whether it arrived. */
  public boolean await(long time, TimeUnit unit) throws InterruptedException {
    return firstSignal.await(time, unit);
  }

  /**
   * Runs what reads from its client, on a thread of its own, until it has ended or a signal
   * arrives. A read cannot be interrupted, so after a signal the thread is left to itself.
   *
   * @throws ExecutionException what it threw
   */
  void runUntilStopped(Runnable reading) throws InterruptedException, ExecutionException {
    var reader = Executors.newVirtualThreadPerTaskExecutor();
    var ended = reader.submit(reading);
    while (!await(LOOK_MILLIS, TimeUnit.MILLISECONDS) && !ended.isDone()) {
      // the client or a signal ends it
    }
    reader.shutdownNow();
    if (ended.isDone()) {
      ended.get();
    }
  }

  public boolean arrived() {
    return firstSignal.getCount() == 0;
  }

  @Override
  public void close() {
    previousHandlers.forEach(Signals::unregister);
  }
}
