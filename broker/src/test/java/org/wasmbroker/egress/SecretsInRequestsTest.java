package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.testing.RawServer;

class SecretsInRequestsTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();
  private final RawServer server = RawServer.responding(HELLO);

  @BeforeEach
  void names() {
    rig.addName("a.example.com", "127.0.0.1");
    rig.addName("b.example.com", "127.0.0.1");
  }

  @AfterEach
  void close() {
    server.close();
    rig.close();
  }

  private EgressRig.Guest guest(String value) {
    return guest(EgressRig.secret(value, "a.example.com"));
  }

  private EgressRig.Guest guestThatHasRead(String value) throws CallRefusedException {
    var secrets = EgressRig.secret(value, "a.example.com");
    var _ = secrets.read("key");
    return guest(secrets);
  }

  private EgressRig.Guest guest(StepSecrets secrets) {
    return rig.guest(HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, secrets, "transform");
  }

  private String request(String host, String rest) {
    return "{\"method\":\"POST\",\"url\":\"http://%s:%d/\",%s}"
        .formatted(host, server.port(), rest);
  }

  @Test
  void placeholdersAreFilledInHeaderQueryAndBodyValues() throws Exception {
    var guest = guest("p&w \"x\"");
    guest.reply(
        request("a.example.com", "\"headers\":{\"Authorization\":\"Bearer {{secret:key}}\"}"));
    var reply =
        guest.reply(request("a.example.com", "\"query\":{\"k\":\"{{secret:key}}\",\"z\":\"1\"}"));
    guest.reply(request("a.example.com", "\"body\":{\"text\":\"k={{secret:key}}\"}"));
    guest.reply(
        request(
            "a.example.com", "\"body\":{\"json\":{\"{{secret:key}}\":[\"{{secret:key}}\",1]}}"));

    assertThat(server.requests().get(0)).contains("Authorization: Bearer p&w \"x\"\r\n");
    assertThat(server.requests().get(1)).startsWith("POST /?k=p%26w%20%22x%22&z=1 ");
    assertThat(server.requests().get(2)).endsWith("\r\n\r\nk=p&w \"x\"");
    assertThat(server.requests().get(3))
        .endsWith("\r\n\r\n{\"{{secret:key}}\":[\"p&w \\\"x\\\"\",1]}");
    assertThat(reply.head().get("url").stringValue()).endsWith("/?k=%7B%7Bsecret%3Akey%7D%7D&z=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"headers\":{\"X\":\"{{secret:key}}\"}",
        "\"query\":{\"k\":\"{{secret:key}}\"}",
        "\"body\":{\"text\":\"{{secret:key}}\"}",
        "\"body\":{\"json\":[[\"{{secret:key}}\"]]}"
      })
  void aSecretIsFilledInOnlyForDestinationsItIsBoundTo(String rest) {
    var refusal = guest("hunter2").refusal(request("b.example.com", rest));

    assertThat(refusal.error()).isEqualTo("DENIED");
    assertThat(refusal.type()).isEqualTo("not_allowed");
    assertThat(refusal.message()).contains("not bound").doesNotContain("hunter2");
    assertThat(server.accepted()).isZero();
    assertThat(rig.reported).containsExactly("refused transform not_allowed secret");
  }

  @Test
  void aFilledValueMustSatisfyTheHeaderRules() {
    var refusal =
        guest("hunter2\r\nHost: evil")
            .refusal(request("a.example.com", "\"headers\":{\"X\":\"{{secret:key}}\"}"));

    assertThat(refusal.type()).isEqualTo("bad_request");
    assertThat(refusal.message()).doesNotContain("hunter2");
    assertThat(server.accepted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"headers\":{\"X\":\"hunter2\"}",
        "\"query\":{\"k\":\"hunter2\"}",
        "\"query\":{\"hunter2\":\"\"}",
        "\"body\":{\"text\":\"a hunter2 b\"}",
        "\"body\":{\"json\":{\"hunter2\":1}}",
        "\"body\":{\"json\":[\"hunter2\"]}",
        "\"body\":{\"base64\":\"aHVudGVyMg==\"}"
      })
  void aValueThatTheStepHasReadIsNotSent(String rest) throws Exception {
    var refusal = guestThatHasRead("hunter2").refusal(request("a.example.com", rest));

    assertThat(refusal.error()).isEqualTo("DENIED");
    assertThat(refusal.type()).isEqualTo("secret_in_output");
    assertThat(refusal.message()).contains("{{secret:key}}").doesNotContain("hunter2");
    assertThat(server.accepted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://hunter2.example.com/", "http://a.example.com/hunter2?x"})
  void aValueThatTheStepHasReadIsNotSentInAUrl(String url) throws Exception {
    assertThat(guestThatHasRead("hunter2").refusalOf(url).type()).isEqualTo("secret_in_output");
    assertThat(rig.lookedUp).isEmpty();
  }

  @Test
  void aPlaceholderInTheUrlItselfIsNotFilled() throws Exception {
    guest("hunter2")
        .replyOf("http://a.example.com:" + server.port() + "/{{secret:key}}?{{secret:key}}");

    assertThat(server.requests().getFirst())
        .startsWith("GET /%7B%7Bsecret:key%7D%7D?%7B%7Bsecret:key%7D%7D HTTP/1.1");
  }
}
