package org.wasmbroker.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.capability.SecretRequest;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.Requested;
import org.wasmbroker.url.Destination;

class ExplanationTest {
  @Test
  void everyDifferenceBetweenRequestedAndGrantedIsListed() {
    var requested =
        Requested.of(
            Set.of("read_input", "log", "read_secret"),
            List.of(
                Destination.parse("https://asked.example"),
                Destination.parse("https://both.example")),
            SecretRequest.of(new SecretName("A")),
            new ResourceClassName("media"));

    var explanation =
        Explanation.of(
            requested,
            granted(
                """
                defaults: {functions: [read_input, get_time]}
                secrets: {B: ["https://both.example"]}
                handlers:
                  - handler: h
                    http: [{url: "https://both.example", mode: audit}, https://granted.example]
                    secrets: [B]
                """));

    assertThat(explanation.differences())
        .containsExactly(
            "log is requested but not granted: no functions list of an applicable rule has it",
            "read_secret is requested but not granted: no applicable rule has a name in"
                + " readable-secrets",
            "get_time is granted but not requested by the manifest",
            "http_request is granted but not requested by the manifest",
            "GET,HEAD https://asked.example/ is requested, but no applicable rule grants any of it",
            "GET,HEAD https://both.example/ (audit) [handlers[0].http[0]] is granted in audit mode:"
                + " each use is counted and logged",
            "GET,HEAD https://granted.example/ [handlers[0].http[1]] is granted, but the manifest"
                + " requests none of it",
            "the secret A is requested but not granted",
            "the secret B is granted but not requested by the manifest",
            "the class media is requested, but text is the largest that is granted");
  }

  @Test
  void anUnknownClassIsReported() {
    var requested =
        Requested.of(
            Capabilities.STANDARD.basicFunctions(),
            List.of(),
            SecretRequest.NONE,
            new ResourceClassName("gigantic"));

    assertThat(Explanation.of(requested, granted("")).differences())
        .containsExactly("the class gigantic is requested but does not exist; text applies");
  }

  @Test
  void thereAreNoDifferencesIfEverythingIsGranted() {
    assertThat(Explanation.of(RequestedCapabilities.BASIC, granted("")).differences()).isEmpty();
  }

  private static PolicyGrants granted(String text) {
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy.granted("h", new Version(1, 0, 0));
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
