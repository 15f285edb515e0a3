package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestSecrets;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

class DestinationAndAddressTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();
  private final RawServer server = RawServer.responding(HELLO);

  @AfterEach
  void close() {
    server.close();
    rig.close();
  }

  private String url(String host) {
    return "http://" + host + ":" + server.port() + "/v1/x";
  }

  @Test
  void aRequestNeedsADestinationThatIsRequestedAndGranted() throws Exception {
    rig.addName("api.example.com", "127.0.0.1");
    var granted = EgressRig.grant("GET http://*.example.com:*/v1", 0);
    var requested = Destination.parse("GET http://api.example.com:*/v1");

    assertThat(rig.guest(granted).replyOf(url("api.example.com")).body()).isEqualTo("hello");
    assertThat(rig.guest(granted).replyOf(url("API.Example.com.")).body()).isEqualTo("hello");
    for (var grants :
        List.of(
            new HttpGrants(List.of(), List.of(granted)),
            new HttpGrants(List.of(requested), List.of()))) {
      var guest = rig.guest(grants, Limits.DEFAULTS, TestSecrets.none(), "transform");
      assertThat(guest.refusalOf(url("api.example.com")).type()).isEqualTo("not_allowed");
    }
    assertThat(server.requests()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'url':'http://evilexample.com:PORT/v1'}",
        "{'url':'http://a.b.example.com:PORT/v1'}",
        "{'url':'http://example.com:PORT/v1'}",
        "{'url':'http://api.example.com:PORT/v2'}",
        "{'url':'http://api.example.com:PORT/v1/../v2'}",
        "{'url':'http://api.example.com:PORT/v1/%2e%2e/v2'}",
        "{'url':'http://api.example.com:PORT/v1%2f..%2fv2'}",
        "{'url':'http://api.example.com:PORT/v1/..;/v2'}",
        "{'url':'http://api.example.com:PORT/v10'}",
        "{'url':'https://api.example.com:PORT/v1'}",
        "{'url':'http://api.example.com:PORT/v1','method':'POST'}",
        "{'url':'http://127.0.0.1:PORT/v1'}",
      })
  void aRequestOutsideTheDestinationIsRefusedBeforeDnsLookup(String request) {
    rig.addName("api.example.com", "127.0.0.1");
    var guest = rig.guest(EgressRig.grant("GET http://*.example.com:*/v1", 0));

    var refusal = guest.refusal(request.replace('\'', '"').replace("PORT", "" + server.port()));

    assertThat(refusal.error()).isEqualTo("DENIED");
    assertThat(refusal.type()).isEqualTo("not_allowed");
    assertThat(refusal.retryable()).isFalse();
    assertThat(rig.lookedUp).isEmpty();
    assertThat(server.accepted()).isZero();
    assertThat(rig.reported).containsExactly("refused transform not_allowed destination");
  }

  @Test
  void aDestinationInAuditModeIsAllowedAndCounted() throws Exception {
    rig.addName("api.example.com", "127.0.0.1");
    var trial =
        new DestinationGrant(
            Destination.parse("http://api.example.com:*"),
            Mode.AUDIT,
            List.of(Network.parse("127.0.0.0/8")),
            0,
            null,
            "defaults.http[1]");

    assertThat(rig.guest(trial).replyOf(url("api.example.com")).status()).isEqualTo(200);
    assertThat(rig.reported)
        .containsExactly(
            "audited transform defaults.http[1]", "ended transform defaults.http[1] 2xx");
  }

  private static DestinationGrant public_() {
    return DestinationGrant.of(Destination.parse("* *://*:*"), "handlers[0].http[0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.2",
        "[::1]",
        "[::]",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
        "[::127.0.0.1]"
      })
  void aNonPublicAddressLiteralInTheUrlIsRefused(String host) {
    var refusal = rig.guest(public_()).refusalOf(url(host));

    assertThat(refusal.type()).isEqualTo("not_allowed");
    assertThat(refusal.message()).contains("not public");
    assertThat(rig.reported).containsExactly("refused transform not_allowed address");
    assertThat(server.accepted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "93.184.216.34,127.0.0.1",
        "127.0.0.1,93.184.216.34",
        "2606:4700::1,fd00::1",
        "169.254.169.254",
        "64:ff9b::169.254.169.254"
      })
  void aNameWithOneNonPublicAddressIsRefused(String addresses) {
    rig.addName("api.example.com", addresses.split(","));

    var refusal = rig.guest(public_()).refusalOf(url("api.example.com"));

    assertThat(refusal.type()).isEqualTo("not_allowed");
    assertThat(refusal.message()).contains("not public");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void onlyNetworksListedByTheRuleMayBeReached() {
    rig.addName("in.example.com", "127.0.0.1");
    rig.addName("out.example.com", "127.0.0.1", "10.0.0.1");

    assertThat(rig.guest().refusalOf(url("out.example.com")).message()).contains("(private)");
    assertThat(server.accepted()).isZero();
    assertThat(EgressRig.refused(() -> rig.guest().replyOf("http://in.example.com:1/")).type())
        .isEqualTo("connect_failed");
  }

  @Test
  void aNameThatChangesAfterTheCheckIsConnectedToTheCheckedAddress() throws Exception {
    try (var evil =
        RawServer.start(InetAddress.ofLiteral("127.0.0.2"), server.port(), this::hello)) {
      rig.addName("rebind.example.com", "127.0.0.1");
      rig.changeNameAfterLookup("rebind.example.com", "127.0.0.2");
      var guest = rig.guest(inNetwork("127.0.0.1/32"));

      assertThat(guest.replyOf(url("rebind.example.com")).body()).isEqualTo("hello");
      assertThat(rig.lookedUp).containsExactly("rebind.example.com");
      assertThat(guest.refusalOf(url("rebind.example.com")).type()).isEqualTo("not_allowed");
      assertThat(server.accepted()).isEqualTo(1);
      assertThat(evil.accepted()).isZero();
    }
  }

  private static DestinationGrant inNetwork(String network) {
    return new DestinationGrant(
        Destination.parse("* *://*:*"),
        Mode.ENFORCE,
        List.of(Network.parse(network)),
        0,
        null,
        "handlers[0].http[0]");
  }

  @Test
  void anOpenConnectionIsNotReusedAfterTheNameChangedItsAddress() throws Exception {
    var guest = rig.guest();
    rig.addName("rebind.example.com", "127.0.0.1");
    guest.replyOf(url("rebind.example.com"));
    assertThat(rig.egress.openConnections()).isEqualTo(1);

    rig.addName("rebind.example.com", "10.0.0.1");
    var refusal = guest.refusalOf(url("rebind.example.com"));

    assertThat(refusal.type()).isEqualTo("not_allowed");
    assertThat(server.requests()).hasSize(1);
    assertThat(rig.lookedUp).hasSize(2);
  }

  @Test
  void anOpenConnectionIsNotReusedForAnotherNameAtTheSameAddress() throws Exception {
    rig.addName("a.example.com", "127.0.0.1");
    rig.addName("b.example.com", "127.0.0.1");
    var guest = rig.guest();
    guest.replyOf(url("a.example.com"));
    guest.replyOf(url("b.example.com"));
    guest.replyOf(url("a.example.com"));

    assertThat(server.accepted()).isEqualTo(2);
    assertThat(server.requests().get(1)).contains("Host: b.example.com:" + server.port());
  }

  @Test
  void theNextCheckedAddressIsTriedWhenOneRefusesTheConnection() throws Exception {
    try (var second = RawServer.start(InetAddress.ofLiteral("127.0.0.3"), 0, this::hello)) {
      rig.addName("api.example.com", "127.0.0.2", "127.0.0.3");

      var reply = rig.guest().replyOf("http://api.example.com:" + second.port() + "/");

      assertThat(reply.body()).isEqualTo("hello");
    }
  }

  private void hello(RawServer.Client client) throws java.io.IOException {
    client.readRequest();
    client.write(HELLO);
  }

  @Test
  void anUnknownNameIsARetryableFailure() {
    var refusal = rig.guest().refusalOf(url("nowhere.example.com"));

    assertThat(refusal.error()).isEqualTo("IO");
    assertThat(refusal.type()).isEqualTo("connect_failed");
    assertThat(refusal.retryable()).isTrue();
  }
}
