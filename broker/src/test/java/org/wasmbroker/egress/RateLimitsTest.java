package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestSecrets;

class RateLimitsTest {
  private final RawServer server =
      RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

  @AfterEach
  void close() {
    server.close();
  }

  private static EgressConfig config(String all, String handler) {
    var standard = EgressConfig.DEFAULTS;
    return new EgressConfig(
        null,
        null,
        all.isEmpty() ? null : Rate.parse(all),
        handler.isEmpty() ? null : Rate.parse(handler),
        standard.connections(),
        standard.connectionsPerHost(),
        standard.connectTimeout(),
        standard.idleTimeout());
  }

  private static void isRateLimited(EgressRig.Refusal refusal) {
    assertThat(refusal.error()).isEqualTo("RATE_LIMITED");
    assertThat(refusal.type()).isEqualTo("rate_limited");
    assertThat(refusal.retryable()).isTrue();
    assertThat(refusal.document().get("retry_after_ms").longValue())
        .isBetween(1L, Duration.ofHours(1).toMillis());
  }

  @Test
  void aRulesRateIsCountedPerHandler() throws Exception {
    try (var rig = new EgressRig()) {
      var rated = HttpGrants.of(EgressRig.rated("* *://*:*", "2/h"));
      for (var handler : new String[] {"transform", "other"}) {
        rig.guest(rated, Limits.DEFAULTS, TestSecrets.none(), handler).replyOf(server.url());
        var guest = rig.guest(rated, Limits.DEFAULTS, TestSecrets.none(), handler);
        guest.replyOf(server.url());
        isRateLimited(guest.refusalOf(server.url()));
      }

      assertThat(server.requests()).hasSize(4);
    }
  }

  @Test
  void aHandlersRateCoversAllItsDestinations() throws Exception {
    try (var rig = new EgressRig(config("", "2/h"))) {
      var guest = rig.guest();
      guest.replyOf(server.url() + "/a");
      rig.guest().replyOf(server.url() + "/b");

      isRateLimited(rig.guest().refusalOf(server.url()));
      rig.guest(HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, TestSecrets.none(), "other")
          .replyOf(server.url());
    }
  }

  @Test
  void theTotalRateCoversAllHandlers() throws Exception {
    try (var rig = new EgressRig(config("2/h", ""))) {
      rig.guest().replyOf(server.url());
      rig.guest(HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, TestSecrets.none(), "other")
          .replyOf(server.url());

      isRateLimited(rig.guest().refusalOf(server.url()));
    }
  }

  @Test
  void aHandlerAboveItsRateDoesNotConsumeTheTotalRate() throws Exception {
    try (var rig = new EgressRig(config("2/h", "1/h"))) {
      rig.guest().replyOf(server.url());
      for (int i = 0; i < 10; i++) {
        isRateLimited(rig.guest().refusalOf(server.url()));
      }

      var other =
          rig.guest(
              HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, TestSecrets.none(), "other");
      assertThat(other.replyOf(server.url()).status()).isEqualTo(200);
    }
  }

  @Test
  void aRedirectCountsAsARequest() {
    try (var rig = new EgressRig(config("", "2/h"));
        var loop =
            RawServer.responding(
                "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")) {
      isRateLimited(rig.guest(EgressRig.grant("* *://*:*", 5)).refusalOf(loop.url()));
      assertThat(loop.requests()).hasSize(2);
    }
  }
}
