package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.wasmbroker.egress.EgressRig.Refusal;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RawServer.Script;

/** Every wait of a request ends with its timeout, whatever it waits for. */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class TimeoutTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";

  private static Refusal refusalWithin300Millis(Script script) {
    try (var server = RawServer.start(script);
        var rig = new EgressRig()) {
      long start = System.nanoTime();
      var refusal =
          rig.guest().refusal("{\"url\":\"%s\",\"timeout_ms\":300}".formatted(server.url()));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(290), Duration.ofSeconds(20)); // the default is 30 s
      assertThat(rig.egress.activeRequests()).isZero();
      assertThat(rig.egress.openConnections()).isZero();
      return refusal;
    }
  }

  private static void isTimeout(Refusal refusal) {
    assertThat(refusal.error()).isEqualTo("TIMEOUT");
    assertThat(refusal.type()).isEqualTo("timeout");
  }

  @Test
  void aSilentServerTimesOut() {
    isTimeout(refusalWithin300Millis(RawServer.Client::awaitClose));
  }

  @Test
  void aSlowlyDrippingHeadTimesOut() {
    isTimeout(
        refusalWithin300Millis(
            client -> {
              client.readRequest();
              client.drip("HTTP/1.1 200 OK\r\nX: " + "x".repeat(10_000), 20);
            }));
  }

  @Test
  void aSlowlyDrippingBodyTimesOut() {
    isTimeout(
        refusalWithin300Millis(
            client -> {
              client.readRequest();
              client.write(HEAD);
              client.drip("x".repeat(10_000), 20);
            }));
  }

  @Test
  void aServerThatDoesNotReadTheBodyTimesOut() {
    var release = new CountDownLatch(1);
    try (var silent = RawServer.start(client -> await(release));
        var rig = new EgressRig()) {
      var request =
          "{\"method\":\"POST\",\"url\":\"%s\",\"timeout_ms\":300,\"body\":{\"text\":\"%s\"}}"
              .formatted(silent.url(), "x".repeat(7_000_000));

      isTimeout(rig.guest().refusal(request));
    } finally {
      release.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anUnresponsiveNameServerTimesOut() {
    var release = new CountDownLatch(1);
    HostResolver stuck =
        name -> {
          await(release);
          return List.of(InetAddress.ofLiteral("127.0.0.1"));
        };
    try (var egress = new Egress(EgressConfig.DEFAULTS, stuck, TimeSource.SYSTEM, EventSink.NONE)) {
      egress.start();
      try (var rig = new EgressRig(egress, Duration.ofSeconds(30))) {
        isTimeout(rig.guest().refusal("{\"url\":\"http://slow.example.com/\",\"timeout_ms\":300}"));
      }
    } finally {
      release.countDown();
    }
  }

  @Test
  void theTimeoutIsCappedByTheLimit() {
    try (var server = RawServer.start(RawServer.Client::awaitClose);
        var rig = new EgressRig()) {
      var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_TIMEOUT, 300));

      isTimeout(guest.refusal("{\"url\":\"%s\",\"timeout_ms\":60000}".formatted(server.url())));
    }
  }

  @Test
  void theTimeoutIsCappedByTheRun() {
    try (var server = RawServer.start(RawServer.Client::awaitClose);
        var rig = new EgressRig(EgressConfig.DEFAULTS, Duration.ofMillis(300))) {
      isTimeout(
          rig.guest(Limits.DEFAULTS)
              .refusal("{\"url\":\"%s\",\"timeout_ms\":20000}".formatted(server.url())));
    }
  }

  @Test
  void aRunThatIsCancelledStopsAtOnce() throws Exception {
    try (var server = RawServer.start(RawServer.Client::awaitClose);
        var rig = new EgressRig()) {
      var canceller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Await.until("a connection", () -> server.accepted() > 0);
                    rig.cancellation.request("lease lost");
                  });

      var refusal = rig.guest().refusalOf(server.url());
      canceller.join();

      isTimeout(refusal);
      assertThat(refusal.message()).contains("cancelled");
    }
  }

  @Test
  void anUnreadResponseIsClosedAtItsTimeout() throws Exception {
    var time = new ManualTime();
    try (var server =
            RawServer.start(
                client -> {
                  client.readRequest();
                  client.write(HEAD);
                  client.awaitClose();
                });
        var rig = new EgressRig(time)) {
      var guest = rig.guest();
      var response = guest.send("{\"url\":\"%s\",\"timeout_ms\":20000}".formatted(server.url()));
      time.advance(Duration.ofSeconds(20));
      Await.until("no request", () -> rig.egress.activeRequests() == 0);

      isTimeout(EgressRig.refused(() -> guest.read(response, new byte[10])));
      isTimeout(EgressRig.refused(() -> guest.read(response, new byte[10])));
      response.close();
      assertThat(rig.egress.openConnections()).isZero();
    }
  }

  @Test
  void closingTheEgressEndsActiveRequestsAndThreads() throws Exception {
    try (var server = RawServer.start(RawServer.Client::awaitClose)) {
      var rig = new EgressRig();
      var closer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Await.until("a connection", () -> server.accepted() > 0);
                    rig.close();
                  });

      isTimeout(rig.guest().refusalOf(server.url()));
      closer.join();

      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().startsWith("egress-watchdog"));
    }
  }
}
