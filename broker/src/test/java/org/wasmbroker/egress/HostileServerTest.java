package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.egress.EgressRig.Refusal;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RawServer.Script;

@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class HostileServerTest {
  private final EgressRig rig = new EgressRig();

  @AfterEach
  void close() {
    rig.close();
  }

  private Refusal refusal(Script script) {
    try (var server = RawServer.start(script)) {
      return rig.guest().refusalOf(server.url());
    }
  }

  private Refusal refusal(String response) {
    return refusal(
        client -> {
          client.readRequest();
          client.write(response);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\nhello",
        "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\nhello",
        "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: \u000bchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "no header\r\n\r\n",
        ": empty\r\n\r\n",
        "a b: c\r\n\r\n",
        "X: a\u0001b\r\nContent-Length: 0\r\n\r\n",
      })
  void anAmbiguousResponseHeadIsRefused(String rest) {
    var refusal = refusal("HTTP/1.1 200 OK\r\n" + rest);

    assertThat(refusal.error()).isEqualTo("IO");
    assertThat(refusal.type()).isEqualTo("bad_response");
    assertThat(rig.egress.openConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-5\r\nhello\r\n0\r\n\r\n",
        "x\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloworld\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello",
        "8000000000000000\r\nhello",
      })
  void malformedChunksAreRefused(String chunks) {
    assertThat(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks).type())
        .isEqualTo("bad_response");
    assertThat(rig.egress.openConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "SSH-2.0-x\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 2 x\r\n\r\n",
        "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 -200 OK\r\n\r\n",
        "HTTP/1.1 99999999999 OK\r\n\r\n",
        "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.99999999999 200 OK\r\n\r\n",
        "\u0016\u0003\u0001\r\n\r\n"
      })
  void aResponseThatIsNotHttpIsRefused(String response) {
    assertThat(refusal(response).type()).isEqualTo("bad_response");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 50\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Transfer-Encoding: chunked\r\n\r\n50\r\nhello",
      })
  void aTruncatedBodyIsAFailure(String rest) {
    var refusal = refusal("HTTP/1.1 200 OK\r\n" + rest);

    assertThat(refusal.type()).isEqualTo("bad_response");
    assertThat(refusal.retryable()).isTrue();
  }

  @Test
  void aFloodOfHeadersIsCutOff() {
    var refusal =
        refusal(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\n");
              client.writeForever("X-Flood: x\r\n");
            });

    assertThat(refusal.type()).isEqualTo("bad_response");
    assertThat(refusal.message()).contains("100 headers");
  }

  @Test
  void anEndlessHeaderIsCutOff() {
    var refusal =
        refusal(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nX-Flood: ");
              client.writeForever("x".repeat(1000));
            });

    assertThat(refusal.type()).isEqualTo("bad_response");
    assertThat(refusal.message()).contains("8192 bytes");
  }

  @Test
  void largeHeadersAreLimitedInTotal() {
    var header = "X-Large: " + "x".repeat(8000) + "\r\n";

    assertThat(
            refusal("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + header.repeat(9) + "\r\n")
                .message())
        .contains("65536 bytes");
  }

  @Test
  void anEndlessBodyIsReadUpToTheStepsLimit() {
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\n\r\n");
              client.writeForever("x".repeat(10_000));
            })) {
      var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_RECEIVED, 1_000_000));

      var refusal = guest.refusalOf(server.url());

      assertThat(refusal.error()).isEqualTo("BUDGET");
      assertThat(refusal.type()).isEqualTo("budget_exceeded");
      assertThat(refusal.message()).contains("http-received", "1000000");
      assertThat(guest.http.receivedBytes()).isLessThanOrEqualTo(1_000_000);
      assertThat(rig.egress.openConnections()).isZero();
    }
  }

  @Test
  void aBodyWithAContentLengthAboveTheLimitIsNotRead() {
    try (var server = RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n")) {
      var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_RECEIVED, 1_000_000));

      assertThat(EgressRig.refused(() -> guest.get(server.url())).type())
          .isEqualTo("budget_exceeded");
      assertThat(rig.egress.openConnections()).isZero();
    }
  }

  @Test
  void aDecompressionBombIsReadUpToTheStepsLimit() throws Exception {
    var bomb = gzip(new byte[50_000_000]);
    assertThat(bomb.length).isLessThan(100_000);
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write(
                  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                      .formatted(bomb.length));
              client.write(bomb);
            })) {
      var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_RECEIVED, 1_000_000));

      var refusal = guest.refusalOf(server.url());

      assertThat(refusal.type()).isEqualTo("budget_exceeded");
      assertThat(guest.http.receivedBytes()).isLessThanOrEqualTo(1_000_000);
    }
  }

  @Test
  void unrequestedCompressionIsRefused() {
    assertThat(
            refusal("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx")
                .message())
        .contains("content coding");
    assertThat(
            refusal("HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx")
                .message())
        .contains("content coding");
    assertThat(
            refusal("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
                .type())
        .isEqualTo("bad_response");
  }

  @Test
  void compressedBodiesAreDecoded() throws Exception {
    var packed = gzip("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    try (var server =
        RawServer.start(
            client -> {
              while (client.readRequest()) {
                client.write(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                        .formatted(packed.length));
                client.write(packed);
              }
            })) {
      var guest = rig.guest();
      var reply = guest.replyOf(server.url());
      assertThat(reply.body()).isEqualTo("hello");
      assertThat(reply.head().get("headers")).hasToString("{}");

      var raw =
          guest.reply(
              "{\"url\":\"%s\",\"headers\":{\"accept-encoding\":\"gzip\"}}"
                  .formatted(server.url()));
      assertThat(raw.head().get("headers").get("content-encoding").get(0).stringValue())
          .isEqualTo("gzip");
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  /** What is left then is not decompressed; whether it ends is only known when it does. */
  @Test
  void theRestOfADecodedBodyIsAwaitedWithoutAProcessor() throws Exception {
    var packed = gzip("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    var guest = rig.guest();
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write(
                  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
                      .formatted(packed.length + 1));
              client.write(packed);
              client.write("x\r\n");
              guest.awaitWaits(4); // for the head, the text, its end, and then for the rest
              client.write("0\r\n\r\n");
              client.readRequest();
            })) {
      assertThat(guest.replyOf(server.url()).body()).isEqualTo("hello");
    }
  }

  @Test
  void aLargeBodyIsReadInPieces() throws Exception {
    long size = 100L << 20;
    var piece = new byte[64 << 10];
    Arrays.fill(piece, (byte) 'x');
    try (var server =
            RawServer.start(
                client -> {
                  client.readRequest();
                  client.write("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                  for (long sent = 0; sent < size; sent += piece.length) {
                    client.write(piece);
                  }
                });
        var response = rig.guest().get(server.url())) {
      var guest = rig.guest();
      var into = new byte[64 << 10];
      long read = 0;
      for (int n = guest.read(response, into); n > 0; n = guest.read(response, into)) {
        read += n;
      }

      assertThat(read).isEqualTo(size);
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(packed)) {
      zip.write(plain);
    }
    return packed.toByteArray();
  }
}
