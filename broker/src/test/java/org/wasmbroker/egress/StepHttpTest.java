package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestSecrets;

class StepHttpTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aResponseHasStatusUrlHeadersTimingAndBody() throws Exception {
    try (var server =
        RawServer.responding(
            "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n"
                + "Connection: keep-alive\r\nSet-Cookie: a=b\r\n\r\nhello")) {
      var reply = rig.guest().replyOf(server.url() + "/a/../b?c=d#e");

      assertThat(reply.status()).isEqualTo(201);
      assertThat(reply.body()).isEqualTo("hello");
      assertThat(reply.head().get("url").stringValue()).isEqualTo(server.url() + "/b?c=d");
      assertThat(reply.head().get("headers"))
          .hasToString(
              "{\"content-length\":[\"5\"],\"x-a\":[\"1\",\"2\"],\"set-cookie\":[\"a=b\"]}");
      assertThat(reply.head().get("redirects").intValue()).isZero();
      assertThat(reply.head().get("timing").get("connect_ms").doubleValue()).isPositive();
      assertThat(reply.head().get("timing").get("first_byte_ms").doubleValue()).isPositive();
    }
  }

  @Test
  void theValidatedRequestIsTheOneThatIsSent() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      rig.guest().replyOf("HTTP://127.0.0.1:" + server.port() + "/%7ea/./b%2f?x=é");

      assertThat(server.requests())
          .containsExactly(
              """
              GET /~a/b%%2F?x=%%C3%%A9 HTTP/1.1
              Host: 127.0.0.1:%d
              User-Agent: wasm-broker
              Accept-Encoding: gzip, deflate
              traceparent: %s

              """
                  .formatted(server.port(), EgressRig.TRACE)
                  .replace("\n", "\r\n"));
    }
  }

  @Test
  void methodHeadersQueryAndBodyAreSentAsTheGuestWroteThem() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      rig.guest()
          .reply(
              """
              {"method":"POST","url":"%s/a?b=c",
               "headers":{"X-One":"1","X-Two":["2","3"],"User-Agent":"me"},
               "query":{"d":"e f","g":["h","i&j"]},
               "body":{"json":{"n":1.10,"t":["x"]}}}
              """
                  .formatted(server.url()));

      assertThat(server.requests().getFirst())
          .startsWith("POST /a?b=c&d=e%20f&g=h&g=i%26j HTTP/1.1\r\n")
          .contains("\r\nX-One: 1\r\nX-Two: 2\r\nX-Two: 3\r\nUser-Agent: me\r\n")
          .contains("\r\nContent-Type: application/json\r\nContent-Length: 20\r\n")
          .doesNotContain("wasm-broker")
          .endsWith("\r\n\r\n{\"n\":1.10,\"t\":[\"x\"]}");
    }
  }

  @Test
  void bodiesMayBeTextOrBytes() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      var guest = rig.guest();
      guest.reply(post(server, "{\"text\":\"grüße\"}"));
      guest.reply(post(server, "{\"base64\":\"aGVsbG8=\"}"));
      guest.reply(post(server, "null"));

      assertThat(server.requests().get(0))
          .contains("Content-Type: text/plain; charset=utf-8\r\nContent-Length: 7\r\n")
          .endsWith("grüße");
      assertThat(server.requests().get(1))
          .contains("Content-Type: application/octet-stream\r\n")
          .endsWith("\r\n\r\nhello");
      assertThat(server.requests().get(2)).contains("Content-Length: 0\r\n");
    }
  }

  private static String post(RawServer server, String body) {
    return "{\"method\":\"POST\",\"url\":\"%s\",\"body\":%s}".formatted(server.url(), body);
  }

  @Test
  void aResponseWithoutABodyEndsImmediately() throws Exception {
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n");
              client.readRequest();
              client.write("HTTP/1.1 204 No Content\r\n\r\n");
              client.readRequest();
              client.write("HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n");
              client.awaitClose();
            })) {
      var guest = rig.guest();
      var head = "{\"method\":\"HEAD\",\"url\":\"%s\"}".formatted(server.url());

      assertThat(guest.reply(head).body()).isEmpty();
      assertThat(guest.replyOf(server.url()).status()).isEqualTo(204);
      assertThat(guest.replyOf(server.url()).status()).isEqualTo(304);
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aConnectionIsReusedForTheSameHandlerOnly() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      var first = rig.guest();
      first.replyOf(server.url());
      var again = first.replyOf(server.url());
      rig.guest().replyOf(server.url());
      assertThat(again.head().get("timing").get("connect_ms").doubleValue()).isZero();
      assertThat(server.accepted()).isEqualTo(1);

      rig.guest(HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, TestSecrets.none(), "other")
          .replyOf(server.url());
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void anUnreadResponseClosesItsConnection() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      var guest = rig.guest();
      guest.get(server.url()).close();
      guest.replyOf(server.url());

      assertThat(server.accepted()).isEqualTo(2);
      assertThat(rig.egress.activeRequests()).isZero();
    }
  }

  @Test
  void aConnectionClosedByTheServerIsReplacedTransparently() throws Exception {
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write(HELLO);
            })) {
      var guest = rig.guest();
      for (int i = 0; i < 20; i++) {
        assertThat(guest.replyOf(server.url()).body()).isEqualTo("hello");
      }
    }
  }

  @Test
  void anUnsolicitedResponseIsNotTakenForTheNextOne() throws Exception {
    try (var server =
        RawServer.start(
            client -> {
              while (client.readRequest()) {
                client.write(HELLO + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
              }
            })) {
      var guest = rig.guest();

      assertThat(guest.replyOf(server.url()).body()).isEqualTo("hello");
      assertThat(guest.replyOf(server.url()).body()).isEqualTo("hello");
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void anIdempotencyKeyIsMadeOfStepNumberAndRequest() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      var keyed =
          "{\"url\":\"%s/%s\",\"method\":\"POST\",\"idempotency_key\":true,\"body\":{\"text\":\"%s\"}}";
      var attempts = new EgressRig.Guest[] {rig.guest(), rig.guest()};
      for (var attempt : attempts) {
        attempt.reply(keyed.formatted(server.url(), "a", "b"));
        attempt.reply(keyed.formatted(server.url(), "a", "b"));
      }
      rig.guest().reply(keyed.formatted(server.url(), "a", "other"));

      var keys =
          server.requests().stream()
              .map(
                  request ->
                      request
                          .lines()
                          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("idempotency"))
                          .findFirst()
                          .orElseThrow())
              .toList();
      assertThat(keys.get(0)).startsWith("Idempotency-Key: " + EgressRig.STEP + "-1-");
      assertThat(keys.get(1)).startsWith("Idempotency-Key: " + EgressRig.STEP + "-2-");
      assertThat(keys.subList(2, 4)).isEqualTo(keys.subList(0, 2));
      assertThat(keys.get(4)).startsWith("Idempotency-Key: " + EgressRig.STEP + "-1-");
      assertThat(keys.get(4)).isNotEqualTo(keys.get(0));
    }
  }

  @Test
  void whatWasSentAndReceivedIsCounted() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      var guest = rig.guest();
      guest.replyOf(server.url());
      var _ = guest.refusalOf("http://[::1]:1/");

      assertThat(guest.http.requests()).isEqualTo(1);
      assertThat(guest.http.sentBytes()).isGreaterThan(100);
      assertThat(guest.http.receivedBytes()).isEqualTo("Content-Length: 5\r\n".length() + 5);
      assertThat(rig.reported)
          .containsExactly(
              "ended transform handlers[0].http[0] 2xx", "refused transform not_allowed address");
    }
  }
}
