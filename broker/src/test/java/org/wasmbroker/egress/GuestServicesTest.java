package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.secret.EnvironmentSecrets;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

final class GuestServicesTest {
  private static final String VALUE = "k3y-of-the-shop";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final Egress egress =
      new Egress(EgressConfig.DEFAULTS, HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE);
  private final StepAccessFactory accesses =
      GuestServices.accessFactory(
          egress,
          new SecretStore(List.of(new EnvironmentSecrets("S_", Map.of("S_KEY", VALUE)))),
          new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE),
          EventSink.NONE);

  @AfterEach
  void closeEgress() {
    egress.close();
  }

  @Test
  void aSecretIsFilledInOnlyForItsDestination() throws CallRefusedException {
    try (var shop = RawServer.responding(HELLO);
        var other = RawServer.responding(HELLO);
        var access = open(grants(shop.url(), shop, other))) {
      send(access, shop.url(), "\"x-key\":\"{{secret:KEY}}\"").close();
      var refused = refusal(access, other.url(), "\"x-key\":\"{{secret:KEY}}\"");

      assertThat(shop.requests()).singleElement().asString().contains("x-key: " + VALUE);
      assertThat(refused.error()).isEqualTo(AbiError.DENIED);
      assertThat(refused.document().text()).contains("not bound").doesNotContain(VALUE);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void aFilledValueEchoedByTheServerDoesNotLeaveWithTheResult() throws CallRefusedException {
    try (var shop = RawServer.responding(HELLO);
        var access = open(grants(shop.url(), shop))) {
      assertThat(access.checkOutput(completed(VALUE))).isNull();
      send(access, shop.url(), "\"x-key\":\"{{secret:KEY}}\"").close();

      assertThat(access.checkOutput(completed(VALUE)))
          .isNotNull()
          .satisfies(GuestServicesTest::isSecretInOutput);
      assertThat(access.checkOutput(completed("else"))).isNull();
    }
  }

  @Test
  void aReadValueDoesNotLeaveInAResultErrorOrUrl() throws CallRefusedException {
    try (var shop = RawServer.responding(HELLO);
        var access = open(grants("https://elsewhere.example", shop))) {
      var value = secrets(access).read("KEY");
      var refused = refusal(access, shop.url() + "/?q=" + VALUE, "\"accept\":\"*/*\"");

      assertThat(value).asString(StandardCharsets.UTF_8).isEqualTo(VALUE);
      assertThat(access.checkOutput(completed("a" + VALUE + "b")))
          .isNotNull()
          .satisfies(GuestServicesTest::isSecretInOutput);
      assertThat(access.redact(StepError.permanent("trapped", "words: " + VALUE)))
          .satisfies(GuestServicesTest::isSecretInOutput);
      assertThat(refused.document().text()).contains("secret_in_output").doesNotContain(VALUE);
      assertThat(shop.requests()).isEmpty();
    }
  }

  @Test
  void anErrorWithoutAValueIsUnchanged() throws CallRefusedException {
    try (var access = open(grants("https://elsewhere.example"))) {
      var _ = secrets(access).read("KEY");
      var error = StepError.permanent("trapped", "unreachable");

      assertThat(access.redact(error)).isSameAs(error);
    }
  }

  @Test
  void theReceiptCountsRequestsAndBytesAndNamesTheGrants() throws CallRefusedException {
    try (var shop = RawServer.responding(HELLO);
        var access = open(grants(shop.url(), shop))) {
      try (var answer = send(access, shop.url(), "\"accept\":\"*/*\"")) {
        var into = new byte[100];
        assertThat(answer.read(into, clock())).isEqualTo(5);
        assertThat(answer.read(into, clock())).isZero();
      }

      var use = access.usage();
      assertThat(use.used()).hasSize(1);
      var http = use.used().getFirst();
      assertThat(http.capability()).isEqualTo("http");
      assertThat(http.counts()).containsOnlyKeys("calls", "bytes_sent", "bytes_received");
      assertThat(http.counts()).containsEntry("calls", 1L);
      assertThat(http.counts().get("bytes_sent")).isPositive();
      assertThat(http.counts().get("bytes_received")).isGreaterThanOrEqualTo(5);
      assertThat(String.valueOf(use.grants() == null ? null : use.grants().text()))
          .contains("127.0.0.1", "KEY");
    }
  }

  @Test
  void withoutTheFunctionsNothingIsReachable() {
    try (var access = open(Grants.NONE)) {
      assertThat(refusal(access, "http://127.0.0.1/", "").error()).isEqualTo(AbiError.DENIED);
      assertThat(
              catchThrowableOfType(CallRefusedException.class, () -> secrets(access).read("KEY"))
                  .error())
          .isEqualTo(AbiError.DENIED);
    }
  }

  private StepAccess open(Grants grants) {
    return accesses.open(Outcomes.step("shop"), Outcomes.module("shop"), grants);
  }

  private static Grants grants(String bound, RawServer... servers) {
    var destinations =
        List.of(servers).stream()
            .map(
                server ->
                    new DestinationGrant(
                        Destination.parse(server.url()),
                        Mode.ENFORCE,
                        List.of(Network.parse("127.0.0.0/8")),
                        0,
                        null,
                        "handlers[0].http[0]"))
            .toArray(DestinationGrant[]::new);
    var name = new SecretName("KEY");
    return Grants.of(
        Capabilities.STANDARD,
        Set.copyOf(Capabilities.STANDARD.functionNames()),
        Grants.NONE
            .capabilities()
            .with(Capabilities.HTTP, HttpGrants.of(destinations))
            .with(
                Capabilities.SECRETS,
                Map.of(name, new SecretGrant(name, true, List.of(Destination.parse(bound))))),
        ResourceClassName.TEXT,
        Limits.DEFAULTS,
        Grants.DEFAULT_NEW_WORK,
        null);
  }

  private static GuestHttpResponse send(StepAccess access, String url, String headers)
      throws CallRefusedException {
    var request = "{\"url\":\"%s\",\"headers\":{%s}}".formatted(url, headers);
    return http(access).send(request.getBytes(StandardCharsets.UTF_8), clock());
  }

  private static CallRefusedException refusal(StepAccess access, String url, String headers) {
    return catchThrowableOfType(
        CallRefusedException.class, () -> send(access, url, headers).close());
  }

  private static Document completed(String text) {
    return Document.of("{\"status\":\"completed\",\"result\":\"" + text + "\"}");
  }

  private static void isSecretInOutput(StepError error) {
    assertThat(error.type()).isEqualTo("secret_in_output");
    assertThat(error.retryable()).isFalse();
    assertThat(error.message()).contains("KEY").doesNotContain(VALUE);
  }

  private static RunDeadline clock() {
    var cancellation = new Cancellation();
    return new RunDeadline() {
      @Override
      public long remainingNanos() {
        return Duration.ofSeconds(20).toNanos();
      }

      @Override
      public Cancellation cancellation() {
        return cancellation;
      }
    };
  }

  private static GuestSecrets secrets(StepAccess access) {
    return Objects.requireNonNullElse(access.access().find(GuestSecrets.class), GuestSecrets.NONE);
  }

  private static GuestHttp http(StepAccess access) {
    return Objects.requireNonNullElse(access.access().find(GuestHttp.class), GuestHttp.NONE);
  }
}
