package org.wasmbroker.grant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.HttpGrants.Decision;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.capability.SecretRequest;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.grant.PolicyReadResult.Invalid;
import org.wasmbroker.grant.PolicyReadResult.Valid;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.Requested;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

/**
 * Policy files. One has problems that are safe to log, or it is a policy: the same each time that
 * it is read, and under it no handler gets what was not both requested and granted.
 */
public final class PolicyFuzz implements FuzzTarget {
  private static final Version VERSION = Version.parse("1.2.3");
  private static final SecretName KEY = new SecretName("KEY");
  private static final RequestedCapabilities REQUESTED =
      Requested.of(
          Set.of("read_input", "log", "http_request"),
          List.of(
              Destination.parse("GET https://*.example.com/v1"),
              Destination.parse("* http://192.0.2.1:8080")),
          SecretRequest.of(KEY),
          new ResourceClassName("image"));

  private static final List<HttpTarget> REQUESTS =
      List.of(
          HttpTarget.parse("GET", "https://api.example.com:443/v1/orders"),
          HttpTarget.parse("POST", "https://api.example.com:443/v1/orders"),
          HttpTarget.parse("GET", "https://api.example.com:443/v2"),
          HttpTarget.parse("GET", "https://example.com:443/v1"),
          HttpTarget.parse("PUT", "http://192.0.2.1:8080/"),
          HttpTarget.parse("GET", "http://169.254.169.254:80/latest"));

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        "{}",
        """
        classes:
          text: {memory: 32MiB}
          image: {memory: 128MiB, time: 10s}
        defaults:
          functions: [read_input, write_output, log, get_time]
          limits: {time: 30s}
          new-work: 100
        secrets:
          KEY: ["https://api.example.com"]
        handlers:
          - handler: transform
            versions: ">=1.2 <2"
            class: image
            mode: enforce
            functions: [log]
            secrets: [KEY]
            readable-secrets: [KEY]
            time-resolution: 1ms
            http:
              - https://api.example.com/v1
              - {url: "https://*.example.com", methods: [GET, POST], rate: 10/s, redirects: 2}
              - {scheme: http, host: 192.0.2.1, port: 8080, networks: [192.0.2.0/24], mode: audit}
          - handler: "*"
            http: ["* *://*:*"]
        """,
        "handlers: [{handler: transform, http: ['* https://*']}]",
        "a: &a [*a, *a]\nhandlers: *a\n",
        "handlers:\n  - handler: transform\n  - handler: transform\n    handler: echo\n");
  }

  @Override
  public void accept(byte[] input) {
    var reading = Policy.read(input, Limits.DEFAULTS);
    assertThat(Policy.read(input, Limits.DEFAULTS)).isEqualTo(reading);
    switch (reading) {
      case Invalid(var problems) -> {
        assertThat(problems).isNotEmpty();
        for (var problem : problems) {
          assertThat(problem.location().line()).isNotNegative();
          assertThat(problem.message()).isNotBlank().hasSizeLessThan(600);
          assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
        }
      }
      case Valid(var policy) -> {
        var granted = policy.granted("transform", VERSION);
        check(policy, granted, REQUESTED, granted.intersect(REQUESTED));
        check(
            policy,
            granted,
            RequestedCapabilities.BASIC,
            granted.intersect(RequestedCapabilities.BASIC));
      }
    }
  }

  private static void check(
      Policy policy, PolicyGrants granted, RequestedCapabilities requested, Grants grants) {
    assertThat(requested.functions()).containsAll(grants.functions());
    assertThat(granted.allFunctions()).containsAll(grants.functions());
    assertThat(requested.of(Capabilities.SECRETS).names())
        .containsAll(grants.of(Capabilities.SECRETS).keySet());
    assertThat(granted.of(Capabilities.SECRETS).keySet())
        .containsAll(grants.of(Capabilities.SECRETS).keySet());
    assertThat(grants.limits().memoryBytes()).isLessThanOrEqualTo(policy.largestMemoryBytes());
    for (var request : REQUESTS) {
      boolean isRequested =
          requested.of(Capabilities.HTTP).stream().anyMatch(one -> one.matches(request));
      boolean isGranted =
          granted.of(Capabilities.HTTP).stream()
              .anyMatch(one -> one.destination().matches(request));
      var decision = grants.of(Capabilities.HTTP).decide(request);
      assertThat(decision instanceof Decision.Allowed).isEqualTo(isRequested && isGranted);
      assertThat(
              grants.of(Capabilities.HTTP).effective().stream()
                  .anyMatch(one -> one.destination().matches(request)))
          .as("what is shown is what is allowed: %s", request)
          .isEqualTo(isRequested && isGranted);
    }
  }
}
