package org.wasmbroker.oci;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits between attempts. */
interface Pauses extends AutoCloseable {
  /**
   * @throws OciException if the client was closed, or the thread interrupted
   */
  void pause(Duration time);

  @Override
  default void close() {}

  /** Real ones, which a close ends. */
  static Pauses real() {
    var closed = new CountDownLatch(1);
    return new Pauses() {
      @Override
      public void pause(Duration time) {
        try {
          if (closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new OciException(
                OciException.Kind.UNAVAILABLE, "the client of registries is closed");
          }
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new OciException(
              OciException.Kind.UNAVAILABLE,
              "the wait for a registry was interrupted",
              interrupted);
        }
      }

      @Override
      public void close() {
        closed.countDown();
      }
    };
  }
}
