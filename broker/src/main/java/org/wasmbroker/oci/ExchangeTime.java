package org.wasmbroker.oci;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.concurrent.Cancellable;

/**
 * Ends a request when its time is up. The time-outs of sockets do not, since a byte now and then
 * satisfies them.
 */
final class ExchangeTime implements AutoCloseable {
  private final Cancellable request;
  private final Duration time;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean expired;

  private ExchangeTime(Cancellable request, Duration time) {
    this.request = request;
    this.time = time;
  }

  static ExchangeTime start(Cancellable request, Duration time) {
    var started = new ExchangeTime(request, time);
    Thread.ofVirtual().name("oci-time").start(started::await);
    return started;
  }

  private void await() {
    try {
      if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        expired = true;
        request.cancel();
      }
    } catch (InterruptedException neverInterrupted) {
      request.cancel();
    }
  }

  void abort() {
    request.cancel();
  }

  OciException failure(String what, Exception cause) {
    return new OciException(
        OciException.Kind.UNAVAILABLE,
        expired ? "%s: it was not complete within %d ms".formatted(what, time.toMillis()) : what,
        cause);
  }

  @Override
  public void close() {
    done.countDown();
  }
}
