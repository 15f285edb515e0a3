package org.wasmbroker.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.CacheGrant;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.NewSteps;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Version;

/** Holds docs/policy.md to what is read. */
class PolicyDocumentTest {
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExampleIsAValidPolicyMatchingTheText() throws IOException {
    var policy = example();

    assertThat(policy.rules()).isEqualTo(7);
    assertThat(policy.classes())
        .extracting(each -> each.name().text())
        .containsExactly("text", "image", "model");
    assertThat(policy.granted("http_request", new Version(1, 0, 0)).of(Capabilities.HTTP))
        .extracting(DestinationGrant::toString)
        .containsExactly(
            "GET,HEAD https://status.example.com/ [handlers[0].http[0]]",
            "POST,PUT https://*.hooks.example.com:8443/in [handlers[0].http[1]]",
            "GET,POST https://api.partner.example/v2 redirects 2 600/m [handlers[0].http[2]]",
            "* https://inventory.corp.example/ in 10.20.0.0/16,fd00:20::/32"
                + " [handlers[0].http[3]]");
    assertThat(policy.granted("http_request", new Version(2, 0, 0)).of(Capabilities.HTTP))
        .isEmpty();
    assertThat(policy.granted("crawler", new Version(1, 0, 0)).of(Capabilities.HTTP))
        .allMatch(grant -> grant.mode() == Mode.AUDIT);
    assertThat(policy.granted("split", new Version(1, 0, 0)).of(Capabilities.NEW_STEPS))
        .isEqualTo(new NewSteps(Set.of("transform"), false));
    assertThat(policy.granted("enrich", new Version(1, 0, 0)).of(Capabilities.CACHE))
        .isEqualTo(new CacheGrant(8 << 20, 10_000, Duration.ofMinutes(10)));
    assertThat(policy.granted("sort", new Version(1, 0, 0)).of(Capabilities.COMMAND))
        .containsExactly("LC_ALL");
    assertThat(policy.trust().signaturesFor("thumbnail")).hasSize(1);
    assertThat(policy.trust().signaturesFor("play-1")).isEmpty();
    assertThat(policy.trust().needsApproval("acme-x")).isTrue();
  }

  @Test
  void everyKeyOfTheExampleIsDescribedInTheText() throws IOException {
    var example = EXAMPLE.matcher(document());
    assertThat(example.find()).isTrue();
    var text = document().replace(example.group(), "");

    assertThat(
            Pattern.compile("(?m)([a-z][a-z-]+):(?: |$)")
                .matcher(example.group(1).replaceAll("#.*", ""))
                .results()
                .map(key -> key.group(1))
                .filter(key -> !key.matches("text|image|model|memory|time|output|url|methods"))
                .distinct())
        .allSatisfy(key -> assertThat(text).contains("`" + key + "`"));
  }

  private static Policy example() throws IOException {
    var example = EXAMPLE.matcher(document());
    assertThat(example.find()).isTrue();
    return switch (Policy.read(example.group(1).getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private static String document() throws IOException {
    return Files.readString(Path.of("..", "docs", "policy.md"));
  }
}
