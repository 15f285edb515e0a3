package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TlsServer;

class TlsAndProxyTest {
  @TempDir static Path directory;

  private static TlsServer.Identity identity;

  @BeforeAll
  static void makeCertificate() throws Exception {
    identity = TlsServer.Identity.create(directory, "api.example.com", "127.0.0.1");
  }

  private static EgressConfig trusting(Path ca, @Nullable HttpProxy proxy) {
    var standard = EgressConfig.DEFAULTS;
    return new EgressConfig(
        proxy,
        ca,
        null,
        null,
        standard.connections(),
        standard.connectionsPerHost(),
        standard.connectTimeout(),
        standard.idleTimeout());
  }

  private static EgressRig rig(EgressConfig config) {
    var rig = new EgressRig(config);
    rig.addName("api.example.com", "127.0.0.1");
    rig.addName("other.example.com", "127.0.0.1");
    return rig;
  }

  @Test
  void theNameIsSentAndVerifiedAtTheCheckedAddress() throws Exception {
    try (var server = TlsServer.start(identity);
        var rig = rig(trusting(identity.certificate(), null))) {
      var reply = rig.guest().replyOf("https://api.example.com:" + server.port() + "/x");

      assertThat(reply.body()).isEqualTo("hello");
      assertThat(server.requestedNames()).containsExactly("api.example.com");
      assertThat(server.requestHeads().getFirst())
          .startsWith("GET /x HTTP/1.1\r\nHost: api.example.com:" + server.port() + "\r\n");
    }
  }

  @Test
  void anAddressLiteralIsVerifiedToo() throws Exception {
    try (var server = TlsServer.start(identity);
        var rig = rig(trusting(identity.certificate(), null))) {
      assertThat(rig.guest().replyOf("https://127.0.0.1:" + server.port() + "/").body())
          .isEqualTo("hello");
    }
  }

  @Test
  void aCertificateForAnotherNameIsRefused() throws Exception {
    try (var server = TlsServer.start(identity);
        var rig = rig(trusting(identity.certificate(), null))) {
      var refusal = rig.guest().refusalOf("https://other.example.com:" + server.port() + "/");

      assertThat(refusal.type()).isEqualTo("connect_failed");
      assertThat(refusal.message()).contains("TLS");
      assertThat(refusal.retryable()).isFalse();
      assertThat(server.requestHeads()).isEmpty();
    }
  }

  @Test
  void anUntrustedCertificateIsRefused() throws Exception {
    try (var server = TlsServer.start(identity);
        var rig = rig(EgressConfig.DEFAULTS)) {
      var refusal = rig.guest().refusalOf("https://api.example.com:" + server.port() + "/");

      assertThat(refusal.type()).isEqualTo("connect_failed");
      assertThat(refusal.message()).contains("TLS");
      assertThat(server.requestHeads()).isEmpty();
    }
  }

  @Test
  void anEndlessHandshakeEndsWithTheRequestTimeout() {
    try (var server = RawServer.start(RawServer.Client::awaitClose);
        var rig = rig(EgressConfig.DEFAULTS)) {
      var refusal =
          rig.guest()
              .refusal(
                  "{\"url\":\"https://api.example.com:%d/\",\"timeout_ms\":300}"
                      .formatted(server.port()));

      assertThat(refusal.type()).isEqualTo("timeout");
    }
  }

  @Test
  void unreadableExtraCertificatesAreRefused() throws Exception {
    var none = Files.writeString(directory.resolve("none.pem"), "no certificate");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EgressRig(trusting(none, null)))
        .withMessageContaining("egress.extra-ca");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EgressRig(trusting(directory.resolve("missing.pem"), null)))
        .withMessageContaining("egress.extra-ca");
  }

  /** Connects to the requested address if it is loopback. */
  private static RawServer proxy() {
    return RawServer.start(
        client -> {
          client.readRequest();
          var authority = client.lastRequest().split(" ", -1)[1];
          int colon = authority.lastIndexOf(':');
          try (var onward =
              new Socket(
                  InetAddress.ofLiteral(authority.substring(0, colon)),
                  Integer.parseInt(authority.substring(colon + 1)))) {
            client.write("HTTP/1.1 200 Connected\r\n\r\n");
            client.relay(onward);
          }
        });
  }

  @Test
  void theProxyConnectsToTheCheckedAddressAndTlsUsesTheName() throws Exception {
    try (var server = TlsServer.start(identity);
        var proxy = proxy();
        var rig = rig(trusting(identity.certificate(), new HttpProxy("127.0.0.1", proxy.port())))) {
      var guest = rig.guest();
      var url = "https://api.example.com:" + server.port() + "/x";

      assertThat(guest.replyOf(url).body()).isEqualTo("hello");
      assertThat(guest.replyOf(url).body()).isEqualTo("hello");

      assertThat(proxy.requests())
          .containsExactly(
              "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
                  .formatted(server.port(), server.port()));
      assertThat(server.requestedNames()).containsExactly("api.example.com");
      assertThat(server.requestHeads()).hasSize(2);
      assertThat(server.requestHeads().getFirst())
          .contains("Host: api.example.com:" + server.port());
      assertThat(rig.guest().refusalOf("https://other.example.com:" + server.port() + "/").type())
          .isEqualTo("connect_failed");
    }
  }

  @Test
  void plainRequestsAreTunnelledToo() throws Exception {
    try (var server = RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        var proxy = proxy();
        var rig = rig(trusting(identity.certificate(), HttpProxy.parse(proxy.url())))) {
      assertThat(rig.guest().replyOf("http://api.example.com:" + server.port() + "/x").body())
          .isEqualTo("hello");
      assertThat(proxy.requests().getFirst()).startsWith("CONNECT 127.0.0.1:" + server.port());
      assertThat(server.requests().getFirst())
          .startsWith("GET /x HTTP/1.1\r\nHost: api.example.com:" + server.port());
    }
  }

  @Test
  void addressesAreCheckedBeforeTheProxyIsUsed() {
    try (var proxy = proxy();
        var rig = rig(trusting(identity.certificate(), HttpProxy.parse(proxy.url())))) {
      rig.addName("in.example.com", "10.0.0.1");

      assertThat(rig.guest().refusalOf("https://in.example.com/").type()).isEqualTo("not_allowed");
      assertThat(proxy.accepted()).isZero();
    }
  }

  @Test
  void aProxyRefusalIsNotTakenForAResponse() {
    try (var proxy = RawServer.responding("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        var rig = rig(trusting(identity.certificate(), HttpProxy.parse(proxy.url())))) {
      var refusal = rig.guest().refusalOf("https://api.example.com/");

      assertThat(refusal.type()).isEqualTo("connect_failed");
      assertThat(refusal.message()).contains("proxy", "403");
    }
  }

  @Test
  void aProxyIsGivenByHostAndPort() {
    assertThat(HttpProxy.parse("http://proxy.example.org:3128"))
        .isEqualTo(new HttpProxy("proxy.example.org", 3128));
    for (var wrong : new String[] {"https://proxy:1", "http://proxy/x", "proxy:3128", "http://"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> HttpProxy.parse(wrong));
    }
  }
}
