package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.egress.EgressRig.Refusal;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.ClosedPort;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RawServer.Script;

/**
 * When a request may be sent again. A server counts the requests that reach it; docs/egress.md has
 * the rule.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class ResendingTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String GZIP = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n";

  /** Members of a request document, and whether the request may be sent twice. */
  private record Kind(String members, boolean repeatable) {}

  private static final Kind GET = new Kind("\"method\":\"GET\"", true);
  private static final Kind POST = new Kind("\"method\":\"POST\",\"body\":{\"text\":\"b\"}", false);
  private static final Kind[] KINDS = {
    GET,
    new Kind("\"method\":\"HEAD\"", true),
    new Kind("\"method\":\"OPTIONS\"", true),
    new Kind("\"method\":\"PUT\",\"body\":{\"text\":\"b\"}", true),
    new Kind("\"method\":\"DELETE\"", true),
    POST,
    new Kind("\"method\":\"PATCH\",\"body\":{\"text\":\"b\"}", false),
    new Kind("\"method\":\"PURGE\"", false),
    new Kind("\"method\":\"POST\",\"idempotency_key\":true", true),
    new Kind("\"method\":\"PATCH\",\"headers\":{\"idempotency-key\":\"k\"}", true),
  };

  private final ManualTime time = new ManualTime();
  private final EgressRig rig = new EgressRig();

  @AfterEach
  void close() {
    rig.close();
  }

  private static String document(Kind kind, String url) {
    return "{%s,\"url\":\"%s\"}".formatted(kind.members, url);
  }

  /** Without an answer, one request was sent, and the guest knows whether it may send another. */
  private void isSentOnce(Script script, String type) {
    for (var kind : KINDS) {
      try (var server = RawServer.start(script)) {
        var refusal = rig.guest().refusal(document(kind, server.url()));

        isRefused(refusal, type, kind.repeatable, true);
        assertThat(server.requests()).as(kind.members).hasSizeLessThanOrEqualTo(1);
        assertThat(server.accepted()).as(kind.members).isEqualTo(1);
      }
    }
  }

  private static void isRefused(Refusal refusal, String type, boolean retryable, boolean sent) {
    var text = refusal.document().toString();
    assertThat(refusal.type()).as(text).isEqualTo(type);
    assertThat(refusal.retryable()).as(text).isEqualTo(retryable);
    assertThat(refusal.document().get("sent").booleanValue()).as(text).isEqualTo(sent);
  }

  @Test
  void aRequestThatWasNotSentMayBeRetriedWhateverItsMethod() {
    try (var closed = new ClosedPort()) {
      for (var kind : KINDS) {
        for (var url : List.of(closed.url(), "http://unknown.example.com/")) {
          isRefused(rig.guest().refusal(document(kind, url)), "connect_failed", true, false);
        }
      }
    }
  }

  @Test
  void aTimeoutBeforeTheRequestWasSentMayBeRetriedWhateverItsMethod() {
    var release = new CountDownLatch(1);
    HostResolver silent =
        name -> {
          try {
            release.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(name);
        };
    try (var egress = new Egress(EgressConfig.DEFAULTS, silent, TimeSource.SYSTEM, rig)) {
      egress.start();
      var guest = new EgressRig(egress, Duration.ofSeconds(30)).guest();

      isRefused(
          guest.refusal(
              "{%s,\"url\":\"http://slow.example.com\",\"timeout_ms\":50}".formatted(POST.members)),
          "timeout",
          true,
          false);
    } finally {
      release.countDown();
    }
  }

  @Test
  void theNextAddressIsTriedIfThereIsNoConnection() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      rig.addName("two.example.com", "127.0.0.9", "127.0.0.1");

      rig.guest().reply(document(POST, "http://two.example.com:" + server.port()));

      assertThat(server.requests()).hasSize(1);
    }
  }

  static Stream<Script> brokenConnections() {
    return Stream.of(
        client -> {}, // closes, with the request unread
        RawServer.Client::readRequest,
        client -> {
          client.readRequest();
          client.reset();
        },
        client -> {
          client.readRequest();
          client.finishWriting();
          client.awaitClose();
        },
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 O");
        },
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y");
        },
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        },
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 102 Processing\r\n\r\n");
        });
  }

  @ParameterizedTest
  @MethodSource("brokenConnections")
  void aConnectionThatBreaksBeforeTheEndOfTheHeadLeavesTheRequestSent(Script script) {
    isSentOnce(script, "bad_response");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        GZIP + "Content-Length: 50\r\n\r\n\u001f\u008b",
      })
  void aConnectionThatBreaksWithinTheBodyLeavesTheRequestSent(String response) {
    for (var kind : KINDS) {
      if (!kind.members.contains("HEAD")) {
        try (var server =
            RawServer.start(
                client -> {
                  client.readRequest();
                  client.write(response);
                })) {
          isRefused(
              rig.guest().refusal(document(kind, server.url())),
              "bad_response",
              kind.repeatable,
              true);
          assertThat(server.requests()).hasSize(1);
        }
      }
    }
  }

  @Test
  void aTimeoutAfterTheRequestWasSentIsRetryableForSomeMethodsOnly() {
    var timeout = Duration.ofSeconds(20);
    Script silent =
        client -> {
          client.readRequest();
          time.advance(timeout);
          client.awaitClose();
        };
    try (var timed = new EgressRig(time)) {
      for (var kind : KINDS) {
        try (var server = RawServer.start(silent)) {
          var refusal =
              timed
                  .guest()
                  .refusal(
                      "{%s,\"url\":\"%s\",\"timeout_ms\":%d}"
                          .formatted(kind.members, server.url(), timeout.toMillis()));

          isRefused(refusal, "timeout", kind.repeatable, true);
          assertThat(server.accepted()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aServerThatOnlySendsInterimResponsesHasNoResponse() {
    for (var kind : KINDS) {
      try (var server =
          RawServer.start(
              client -> {
                client.readRequest();
                client.writeForever("HTTP/1.1 103 Early Hints\r\n\r\n");
              })) {
        isRefused(rig.guest().refusal(document(kind, server.url())), "bad_response", false, true);
        assertThat(server.requests()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 0\r\nContent-Encoding: gzip\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: x-gzip\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: deflate\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: br\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: gzip, br\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding: identity\r\n\r\n",
        "Content-Length: 0\r\nContent-Encoding:\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Encoding: deflate\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Encoding: zstd\r\n\r\n0\r\n\r\n",
        "Content-Encoding: gzip\r\n\r\n",
      })
  void anEmptyBodyIsAnAnswerInEveryCoding(String head) throws CallRefusedException {
    for (var kind : KINDS) {
      try (var server =
          RawServer.start(
              client -> {
                client.readRequest();
                client.write("HTTP/1.1 201 Created\r\n" + head);
              })) {
        var reply = rig.guest().reply(document(kind, server.url()));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.body()).isEmpty();
        assertThat(server.requests()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Encoding: br\r\n\r\n",
      })
  void aStatusWithoutABodyIsAnAnswerWhateverItsHeadersSay(String response)
      throws CallRefusedException {
    for (var kind : KINDS) {
      try (var server = RawServer.responding(response)) {
        assertThat(rig.guest().reply(document(kind, server.url())).body()).isEmpty();
        assertThat(server.requests()).hasSize(1);
      }
    }
  }

  @Test
  void aResponseThatComesBeforeTheBodyWasReadIsTheAnswer() throws CallRefusedException {
    try (var server =
        RawServer.start(
            client -> {
              client.readHead();
              client.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large");
              client.finishWriting();
            })) {
      var reply =
          rig.guest()
              .reply(
                  "{\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"text\":\"%s\"}}"
                      .formatted(server.url(), "x".repeat(7_000_000)));

      assertThat(reply.status()).isEqualTo(413);
      assertThat(reply.body()).isEqualTo("too large");
      assertThat(server.requests()).hasSize(1);
      assertThat(rig.egress.openConnections()).isZero();
    }
  }

  @Test
  void aStatusIsAnAnswerWhateverItsBodyIs() throws CallRefusedException {
    try (var server =
        RawServer.responding(
            "HTTP/1.1 503 Busy\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbusy")) {
      var guest = rig.guest();
      try (var response = guest.send(document(POST, server.url()))) {
        assertThat(EgressRig.head(response).get("status").intValue()).isEqualTo(503);
        isRefused(
            EgressRig.refused(() -> guest.read(response, new byte[10])),
            "bad_response",
            false,
            true);
      }
    }
  }

  @Test
  void aBodyOfManyGzipMembersIsDecoded() throws Exception {
    var member = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(member)) {
      zip.write('x');
    }
    var empty = new ByteArrayOutputStream();
    new GZIPOutputStream(empty).close();
    var body = new ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      body.writeBytes(empty.toByteArray());
      body.writeBytes(member.toByteArray());
    }
    try (var server = gzipServer(body.toByteArray())) {
      assertThat(rig.guest().reply(document(POST, server.url())).body()).isEqualTo("x".repeat(500));
    }
    var empties = new byte[empty.size() * 100_000];
    for (int i = 0; i < empties.length; i += empty.size()) {
      System.arraycopy(empty.toByteArray(), 0, empties, i, empty.size());
    }
    try (var server = gzipServer(empties)) {
      isRefused(rig.guest().refusal(document(POST, server.url())), "bad_response", false, true);
    }
  }

  private static RawServer gzipServer(byte[] body) {
    return RawServer.start(
        client -> {
          client.readRequest();
          client.write(GZIP + "Content-Length: " + body.length + "\r\n\r\n");
          client.write(body);
        });
  }

  /** Answers the first request of a connection; the second one breaks it. */
  private static RawServer breakingAtTheSecondRequest() {
    return RawServer.start(
        client -> {
          client.readRequest();
          client.write(HELLO);
          client.readRequest();
          client.reset();
        });
  }

  @Test
  void aRepeatableRequestIsSentOnceMoreIfItsPooledConnectionBreaks() throws Exception {
    for (var kind : KINDS) {
      if (kind.repeatable) {
        try (var server = breakingAtTheSecondRequest()) {
          rig.guest().replyOf(server.url());
          rig.guest().reply(document(kind, server.url()));

          assertThat(server.requests()).as(kind.members).hasSize(3);
          assertThat(server.accepted()).as(kind.members).isEqualTo(2);
        }
      }
    }
  }

  @Test
  void anotherRequestIsNotSentAgainIfItsPooledConnectionBreaks() throws Exception {
    try (var timed = new EgressRig(time)) { // in which no connection has been idle for too long
      for (var kind : KINDS) {
        if (!kind.repeatable) {
          try (var server = breakingAtTheSecondRequest()) {
            timed.guest().replyOf(server.url());
            var refusal = timed.guest().refusal(document(kind, server.url()));

            isRefused(refusal, "bad_response", false, true);
            assertThat(server.requests()).as(kind.members).hasSize(2);
            assertThat(server.accepted()).as(kind.members).isEqualTo(1);
          }
        }
      }
    }
  }

  @Test
  void aRepeatableRequestIsSentOnceMoreAndNotAThirdTime() throws Exception {
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              if (client.lastRequest().startsWith("GET /first")) {
                client.write(HELLO);
                client.readRequest();
              }
            })) {
      rig.guest().replyOf(server.url() + "/first");

      isRefused(rig.guest().refusal(document(GET, server.url())), "bad_response", true, true);
      assertThat(server.requests()).hasSize(3);
    }
  }

  @Test
  void aPooledConnectionThatTheServerClosedIsReplacedBeforeAnythingIsSent() throws Exception {
    for (var kind : KINDS) {
      var closed = new CountDownLatch(1);
      try (var server =
          RawServer.start(
              client -> {
                client.readRequest();
                client.write(HELLO);
                if (client.lastRequest().startsWith("GET /first")) {
                  client.finishWriting();
                  closed.countDown();
                }
                client.awaitClose();
              })) {
        rig.guest().replyOf(server.url() + "/first");
        closed.await();
        rig.guest().reply(document(kind, server.url()));

        assertThat(server.requests()).as(kind.members).hasSize(2);
      }
    }
  }

  @Test
  void aRequestThatMustNotBeSentTwiceTakesNoConnectionThatWasIdle() throws Exception {
    try (var egress = new Egress(EgressConfig.DEFAULTS, HostResolver.SYSTEM, time, rig);
        var server = RawServer.responding(HELLO)) {
      egress.start();
      var guest = new EgressRig(egress, Duration.ofSeconds(30)).guest();
      guest.replyOf(server.url());
      guest.reply(document(POST, server.url()));
      assertThat(server.accepted()).isEqualTo(1);

      time.advance(Duration.ofSeconds(2));
      guest.reply(document(POST, server.url()));
      assertThat(server.accepted()).isEqualTo(2);

      time.advance(Duration.ofSeconds(2));
      guest.replyOf(server.url());
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aFailureBehindARedirectLeavesTheFirstRequestSent(int status) {
    try (var closed = new ClosedPort()) {
      for (var kind : KINDS) {
        try (var server =
            RawServer.responding(
                "HTTP/1.1 %d There\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n"
                    .formatted(status, closed.url()))) {
          var guest = rig.guest(EgressRig.grant("* *://*:*", 1));

          isRefused(
              guest.refusal(document(kind, server.url())), "connect_failed", kind.repeatable, true);
          assertThat(server.requests()).hasSize(1);
        }
      }
    }
  }

  @Test
  void aStepThatSentWhatMustNotBeSentTwiceIsNotRepeatable() throws Exception {
    try (var server = RawServer.responding(HELLO)) {
      for (var kind : KINDS) {
        var guest = rig.guest();
        assertThat(guest.http.isRepeatable()).isTrue();
        guest.reply(document(kind, server.url()));
        assertThat(guest.http.isRepeatable()).as(kind.members).isEqualTo(kind.repeatable);

        guest.http.checkpointSaved();
        assertThat(guest.http.isRepeatable()).isTrue();
      }
    }
    var unsent = rig.guest();
    var _ = unsent.refusal(document(POST, "http://unknown.example.com/"));
    assertThat(unsent.http.isRepeatable()).isTrue();
    assertThat(Arrays.stream(KINDS).filter(kind -> !kind.repeatable)).hasSize(3);
  }
}
