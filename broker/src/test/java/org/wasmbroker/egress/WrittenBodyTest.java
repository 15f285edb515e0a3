package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestSecrets;
import org.wasmbroker.url.Destination;

/** Requests whose bodies the guest writes in pieces beside the document. */
class WrittenBodyTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();
  private final RawServer server = RawServer.responding(HELLO);

  @AfterEach
  void close() {
    server.close();
    rig.close();
  }

  private String post(String more) {
    return "{\"method\":\"POST\",\"url\":\"%s\"%s}".formatted(server.url(), more);
  }

  @Test
  void theBodyIsSentAsItWasWrittenWithItsLength() throws CallRefusedException {
    rig.guest().send(post(""), "{\"a\": {{secret:KEY}} }").close();
    rig.guest().send(post(",\"headers\":{\"content-type\":\"text/csv\"}"), "a;b").close();

    assertThat(server.requests()).hasSize(2);
    assertThat(server.requests().getFirst())
        .contains("Content-Length: 22", "Content-Type: application/octet-stream")
        .endsWith("\r\n\r\n{\"a\": {{secret:KEY}} }");
    assertThat(server.requests().getLast()).contains("text/csv").endsWith("\r\n\r\na;b");
  }

  @Test
  void aBodyInTheDocumentAsWellIsRefused() {
    var refused = refusal(rig.guest(), post(",\"body\":{\"text\":\"x\"}"), "y");

    assertThat(refused.error()).isEqualTo(AbiError.INVALID);
    assertThat(refused.message()).contains("body: must be absent");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void theValueOfASecretIsFoundAcrossPieces() throws CallRefusedException {
    var secrets = TestSecrets.of(Map.of("KEY", "k3y-of-the-shop"), Destination.parse("* *://*:*"));
    var guest =
        rig.guest(HttpGrants.of(EgressRig.anything()), Limits.DEFAULTS, secrets, "transform");
    var _ = secrets.read("KEY");

    var refused = refusal(guest, post(""), "x".repeat(70_000) + "k3y-of-" + "the-shop");

    assertThat(refused.error()).isEqualTo(AbiError.DENIED);
    assertThat(refused.document().text()).contains("secret_in_output");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void theBodyCountsAgainstTheBytesOfTheStep() {
    var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_SENT, 10_000));

    assertThat(refusal(guest, post(""), "x".repeat(10_000)).error()).isEqualTo(AbiError.BUDGET);
  }

  @Test
  void whetherItMayBeSentAgainIsDecidedAsForAnyOther() {
    for (var more : new String[] {"", ",\"idempotency_key\":true"}) {
      try (var silent = RawServer.start(RawServer.Client::readRequest)) {
        var document = "{\"method\":\"POST\",\"url\":\"%s\"%s}".formatted(silent.url(), more);
        var refused = refusal(rig.guest(), document, "once");

        assertThat(refused.document().text())
            .contains("\"retryable\":" + !more.isEmpty(), "\"sent\":true");
        assertThat(silent.accepted()).isEqualTo(1);
      }
    }
  }

  private static CallRefusedException refusal(EgressRig.Guest guest, String document, String body) {
    return catchThrowableOfType(
        CallRefusedException.class, () -> guest.send(document, body).close());
  }
}
