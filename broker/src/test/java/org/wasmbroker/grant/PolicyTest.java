package org.wasmbroker.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants.Decision.Allowed;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.capability.SecretRequest;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.Requested;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

class PolicyTest {
  private static final Version V1 = new Version(1, 0, 0);
  private static final RequestedCapabilities EVERYTHING =
      Requested.of(
          Capabilities.STANDARD.functionNames(),
          List.of(Destination.parse("* *://*:*")),
          SecretRequest.of(new SecretName("A"), new SecretName("B")),
          null);

  @Test
  void withoutAPolicyFileOnlyTheBasicFunctionsAreGranted() {
    var grants = Policy.none(Limits.DEFAULTS).grants("h", V1, EVERYTHING);

    assertThat(grants.functions()).isEqualTo(Capabilities.STANDARD.basicFunctions());
    assertThat(grants.of(Capabilities.HTTP).effective()).isEmpty();
    assertThat(grants.of(Capabilities.SECRETS)).isEmpty();
    assertThat(grants.limits()).isEqualTo(Limits.DEFAULTS);
    assertThat(grants.resourceClass()).isEqualTo(ResourceClassName.TEXT);
    assertThat(grants.newWork()).isEqualTo(100);
    assertThat(grants.policy()).isNull();
  }

  @Test
  void grantedButUnrequestedCapabilitiesAreNotEffective() {
    var policy =
        policy(
            """
            secrets: {A: ["https://a.example"], B: []}
            handlers:
              - handler: h
                http: [https://a.example]
                secrets: [A]
                readable-secrets: [B]
            """);
    var nothing = Requested.of(Set.of(), List.of(), SecretRequest.NONE, null);

    var grants = policy.grants("h", V1, nothing);

    assertThat(grants.functions()).isEmpty();
    assertThat(grants.of(Capabilities.HTTP).effective()).isEmpty();
    assertThat(grants.of(Capabilities.SECRETS)).isEmpty();
  }

  @Test
  void listsOfAllMatchingRulesAreMerged() {
    var policy =
        policy(
            """
            defaults: {functions: [read_input]}
            secrets: {A: ["https://a.example"], B: ["https://b.example"]}
            handlers:
              - handler: "*"
                functions: [write_output]
                http: [https://a.example]
                secrets: [A]
              - handler: other
                functions: [log]
                http: [https://c.example]
              - handler: h
                http: [https://b.example]
                readable-secrets: [B]
              - handler: h
                versions: ">=2"
                functions: [get_time]
                http: [https://d.example]
            """);

    var grants = policy.grants("h", V1, EVERYTHING);

    assertThat(grants.functions())
        .containsExactlyInAnyOrder("read_input", "write_output", "http_request", "read_secret");
    assertThat(grants.of(Capabilities.HTTP).granted())
        .extracting(DestinationGrant::rule)
        .containsExactly("handlers[0].http[0]", "handlers[2].http[0]");
    assertThat(grants.of(Capabilities.SECRETS).values())
        .containsExactlyInAnyOrder(
            secret("A", false, "https://a.example"), secret("B", true, "https://b.example"));
    assertThat(policy.grants("h", new Version(2, 0, 0), EVERYTHING).functions())
        .contains("get_time");
  }

  @Test
  void aCacheIsGrantedBySizeAndTheLargestOfEachBoundCounts() {
    var policy =
        policy(
            """
            handlers:
              - {handler: h, cache: 4MiB}
              - {handler: h, cache: {size: 1MiB, entries: 20000, ttl: 5m}}
              - {handler: few, cache: {size: 8KiB, entries: 3, ttl: 1500ms}}
            """);

    assertThat(policy.granted("h", V1).of(Capabilities.CACHE))
        .isEqualTo(new CacheGrant(4 << 20, 20_000, Duration.ofHours(1)));
    assertThat(policy.granted("h", V1).allFunctions())
        .contains("cache_get", "cache_put", "cache_delete");
    assertThat(policy.granted("few", V1).of(Capabilities.CACHE))
        .isEqualTo(new CacheGrant(8 << 10, 3, Duration.ofMillis(1500)));
    assertThat(policy.granted("other", V1).of(Capabilities.CACHE)).isEqualTo(CacheGrant.NONE);
    assertThat(policy.granted("other", V1).allFunctions()).doesNotContain("cache_get");
    assertThat(policy.grants("h", V1, EVERYTHING).of(Capabilities.CACHE))
        .as("granted, and not requested")
        .isEqualTo(CacheGrant.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "much | /handlers/0/cache: must be a size such as 65536 or 4MiB, was 'much'",
        "1KiB | /handlers/0/cache: size must be 4KiB to 1GiB, was 1024 bytes",
        "{entries: 5} | /handlers/0/cache: has no size, such as 4MiB",
        "{size: 1MiB, entries: 0} | /handlers/0/cache: entries must be 1 to 1000000, was 0",
        "{size: 1MiB, ttl: 30d} | /handlers/0/cache: ttl must be 1ms to 7d, was PT720H",
        "{size: 1MiB, age: 1s} | /handlers/0/cache/age: is unknown",
        "[1MiB] | /handlers/0/cache: must be a single value, was an array",
      })
  void anInvalidCacheIsAProblemWithItsPlace(String cache, String problem) {
    var text = "handlers: [{handler: h, cache: " + cache + "}]";

    assertThat(Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS))
        .isInstanceOf(PolicyReadResult.Invalid.class)
        .asString()
        .contains(problem);
  }

  @Test
  void anInjectedSecretIsNotReadable() {
    var grants =
        policy(
                """
                secrets: {A: ["https://a.example"]}
                handlers: [{handler: h, secrets: [A]}]
                """)
            .grants("h", V1, EVERYTHING);

    assertThat(grants.functions()).doesNotContain("read_secret");
    assertThat(grants.of(Capabilities.SECRETS).values())
        .containsExactly(secret("A", false, "https://a.example"));
  }

  @Test
  void requestingAllSecretsYieldsTheGrantedOnes() {
    var requested = Requested.of(Set.of(), List.of(), SecretRequest.ALL, null);
    var policy =
        policy(
            """
            secrets: {A: ["https://a.example"], B: ["https://b.example"]}
            handlers: [{handler: h, secrets: [A]}]
            """);

    assertThat(policy.grants("h", V1, requested).of(Capabilities.SECRETS).values())
        .containsExactly(secret("A", false, "https://a.example"));
  }

  @Test
  void aSecretIsBoundToItsDestinationsForEveryMethod() {
    var grant = secret("A", false, "https://*.a.example/v1");

    assertThat(grant.isBoundTo(HttpTarget.parse("DELETE", "https://x.a.example/v1/b"))).isTrue();
    assertThat(grant.isBoundTo(HttpTarget.parse("GET", "https://a.example/v1/b"))).isFalse();
    assertThat(grant.isBoundTo(HttpTarget.parse("GET", "http://x.a.example/v1"))).isFalse();
  }

  @Test
  void forScalarsTheLastRuleWins() {
    var policy =
        policy(
            """
            defaults: {new-work: 5, time-resolution: 1ms, limits: {time: 1s, output: 1KiB}}
            handlers:
              - {handler: h, class: image, new-work: 6, limits: {time: 2s}}
              - {handler: h, time-resolution: 10ms, limits: {time: 3s}}
              - {handler: "*", class: media}
            """);

    var grants = policy.grants("h", V1, EVERYTHING);

    assertThat(grants.newWork()).isEqualTo(6);
    assertThat(grants.of(Capabilities.TIME)).isEqualTo(Duration.ofMillis(10));
    assertThat(grants.resourceClass()).hasToString("media");
    assertThat(grants.limits())
        .isEqualTo(
            Limits.DEFAULTS
                .withTime(Duration.ofSeconds(3))
                .with(LimitKind.OUTPUT, 1024)
                .withMemoryBytes(512 << 20));
  }

  @Test
  void aClassOverridesTheDefaultLimitsAndARuleOverridesTheClass() {
    var policy =
        policy(
            """
            defaults: {limits: {time: 1s, output: 1KiB}}
            classes: {text: {memory: 1MiB}, big: {memory: 2MiB, time: 2s, output: 2KiB}}
            handlers: [{handler: h, class: big, limits: {time: 3s}}]
            """);

    assertThat(policy.grants("h", V1, EVERYTHING).limits())
        .isEqualTo(
            Limits.DEFAULTS
                .withMemoryBytes(2 << 20)
                .with(LimitKind.OUTPUT, 2048)
                .withTime(Duration.ofSeconds(3)));
    assertThat(policy.grants("other", V1, EVERYTHING).limits().memoryBytes()).isEqualTo(1 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "media, text, text",
    "text, image, text",
    "text, , text",
    "image, media, image",
    "image, image, image",
    "image, , image",
    "image, gigantic, image",
  })
  void theSmallerOfTheRequestedAndTheGrantedClassIsEffective(
      String granted, @Nullable String requested, String expected) {
    var policy = policy("handlers: [{handler: h, class: " + granted + "}]");
    var capabilities =
        Requested.of(
            Set.of(),
            List.of(),
            SecretRequest.NONE,
            requested == null ? null : new ResourceClassName(requested));

    assertThat(policy.grants("h", V1, capabilities).resourceClass()).hasToString(expected);
  }

  @Test
  void theConfiguredMemoryIsThatOfTheTextClass() {
    var limits = Limits.DEFAULTS.withMemoryBytes(48 << 20);

    assertThat(Policy.none(limits).grants("h", V1, EVERYTHING).limits()).isEqualTo(limits);
    assertThat(Policy.none(limits).largestMemoryBytes()).isEqualTo(48 << 20);
    assertThat(policy("").largestMemoryBytes()).isEqualTo(512 << 20);
  }

  @Test
  void aRulesModeAppliesToDestinationsWithoutTheirOwn() {
    var grants =
        policy(
                """
                handlers:
                  - handler: h
                    mode: audit
                    http:
                      - https://a.example
                      - {url: "https://b.example", mode: enforce}
                """)
            .grants("h", V1, EVERYTHING);

    assertThat(grants.of(Capabilities.HTTP).decide(HttpTarget.parse("GET", "https://a.example/")))
        .isInstanceOfSatisfying(
            Allowed.class, allowed -> assertThat(allowed.grant().mode()).isEqualTo(Mode.AUDIT));
    assertThat(grants.of(Capabilities.HTTP).decide(HttpTarget.parse("GET", "https://b.example/")))
        .isInstanceOfSatisfying(
            Allowed.class, allowed -> assertThat(allowed.grant().mode()).isEqualTo(Mode.ENFORCE));
  }

  @Test
  void theReceiptSummaryListsEffectiveGrantsWithoutValues() {
    var file =
        """
        secrets: {A: ["https://a.example"]}
        handlers:
          - handler: h
            http: [{url: "https://a.example/v1", mode: audit}]
            secrets: [A]
        """;

    assertThat(policy(file).grants("h", V1, EVERYTHING).summary().text())
        .isEqualTo(
            """
            {"class":"text","functions":["read_input","read_input_at","write_output","append_output",\
            "log","get_time",\
            "http_request","read_content"],"destinations":["GET,HEAD https://a.example/v1 (audit)"],\
            "secrets":["A"],"policy":"%s"}"""
                .formatted(Digest.of(file.getBytes(UTF_8))));
  }

  @Test
  void theReceiptSummaryOmitsWhatWasNotGranted() {
    assertThat(Grants.NONE.summary().text())
        .isEqualTo(
            """
            {"class":"text","functions":["read_input","read_input_at","write_output","append_output",\
            "log","get_time","read_content"]}""");
  }

  private static SecretGrant secret(String name, boolean readable, String bound) {
    return new SecretGrant(
        new SecretName(name), readable, List.of(Destination.parse(bound, Set.of("*"))));
  }

  private static Policy policy(String text) {
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
