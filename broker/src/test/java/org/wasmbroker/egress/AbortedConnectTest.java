package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.url.HttpUrl;

/** The time of a request ends in the midst of connecting. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class AbortedConnectTest {
  private static final TimeSource TIME = TimeSource.SYSTEM;

  private static ClassicHttpRequest get() {
    var request = new BasicClassicHttpRequest("GET", "/");
    request.addHeader("Host", "example.com");
    return request;
  }

  /** The HTTP client runs the hook when it leases a connection, and again when it connects. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aConnectWhoseTimeEndsAtAnyMomentTimesOut(int moment) {
    var call = new HttpCall(TIME, Duration.ofMinutes(5).toNanos(), new Cancellation());
    var moments = new AtomicInteger();
    try (var server = RawServer.start(RawServer.Client::awaitClose);
        var pool =
            new ConnectionPool(
                EgressConfig.DEFAULTS,
                TIME,
                () -> {
                  if (moments.incrementAndGet() == moment) {
                    call.abort();
                  }
                });
        var dns = new DnsResolver(HostResolver.SYSTEM)) {
      var sender =
          new RequestSender(new AddressGuard(dns), new RateLimits(null, null, TIME), pool, null);

      var failure =
          catchThrowableOfType(
              HttpRequestException.class,
              () ->
                  sender.send(
                      get(),
                      HttpUrl.parse(server.url()),
                      List.of(InetAddress.ofLiteral("127.0.0.1")),
                      "handler",
                      call));

      assertThat(failure.type()).isEqualTo(FailureType.TIMEOUT);
      assertThat(call.wasSent()).isFalse();
      assertThat(pool.openCount()).isZero();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aCallIsAbortedAgainUntilItHasEnded() throws InterruptedException {
    var aborts = new CountDownLatch(3);
    try (var watchdog = new Watchdog(() -> {})) {
      watchdog.start();
      var call = new HttpCall(TIME, 0, new Cancellation());
      call.onAbort(aborts::countDown);
      watchdog.watch(call);

      aborts.await();
      assertThat(watchdog.activeCount()).isZero();
      watchdog.unwatch(call);
    }
  }
}
