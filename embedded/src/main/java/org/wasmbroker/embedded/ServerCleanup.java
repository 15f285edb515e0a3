package org.wasmbroker.embedded;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stops a server and deletes its files once: on {@link #close}, or at the latest when the JVM ends.
 */
final class ServerCleanup implements AutoCloseable {
  private final Runnable action;
  private final Thread shutdownHook;
  private final AtomicBoolean done = new AtomicBoolean();

  /**
   * @param threadName of the thread that does it when the JVM ends
   */
  ServerCleanup(String threadName, Runnable action) {
    this.action = action;
    this.shutdownHook = new Thread(this::run, threadName);
  }

  /** From now on it is also done when the JVM ends. */
  void runAtExit() {
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /** Does it now, unless it is done; the hook then finds nothing to do. */
  void run() {
    if (done.compareAndSet(false, true)) {
      action.run();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException shuttingDown) {
      return; // the hook does it
    }
    run();
  }
}
