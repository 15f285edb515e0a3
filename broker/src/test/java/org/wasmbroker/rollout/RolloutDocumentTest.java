package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Version;

/** Holds docs/rollout.md to what is read and computed. */
class RolloutDocumentTest {
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern BUCKETS =
      Pattern.compile(
          "Of `transform@1.3.0`, the steps `(.*?)`, `(.*?)` and `(.*?)` have the\n"
              + "buckets (\\d+), (\\d+) and (\\d+)\\.");

  @Test
  void theExampleIsAValidRolloutMatchingTheText() throws IOException {
    var rollout = RolloutTexts.rollout(example());

    assertThat(rollout.defaultChannel()).isEqualTo("blue");
    var transform = Objects.requireNonNull(rollout.handlers().get("transform"));
    assertThat(transform.stable()).isEqualTo(Version.parse("1.2.0"));
    var candidate = Objects.requireNonNull(transform.candidate());
    assertThat(candidate.weight()).hasToString("10%");
    assertThat(candidate.rollback())
        .as("the example has the defaults, as the text says")
        .isEqualTo(RollbackRule.DEFAULTS);
    assertThat(candidate.condition())
        .isEqualTo("namespace [acme, beta] and task [nightly-*] and header x-canary [1]");
  }

  @Test
  void everyKeyOfTheExampleIsDescribedInTheText() throws IOException {
    var text = document().replace(example(), "");
    assertThat(
            Pattern.compile("(?<![a-z_-])([a-z][a-z-]+):(?: |$)", Pattern.MULTILINE)
                .matcher(example().replaceAll("#.*", ""))
                .results()
                .map(key -> key.group(1))
                .filter(key -> !key.matches("blue|green|transform|validate|x-canary"))
                .distinct())
        .allSatisfy(key -> assertThat(text).contains("`" + key + "`"));
  }

  @Test
  void theBucketsOfTheTextAreThoseOfTheCode() throws IOException {
    var buckets = BUCKETS.matcher(document());
    assertThat(buckets.find()).isTrue();
    long salt = Bucket.salt("transform", "1.3.0");
    for (int i = 1; i <= 3; i++) {
      assertThat(Bucket.of(UUID.fromString(buckets.group(i)), salt))
          .isEqualTo(Integer.parseInt(buckets.group(i + 3)));
    }
  }

  private static String example() throws IOException {
    var example = EXAMPLE.matcher(document());
    assertThat(example.find()).isTrue();
    return example.group(1);
  }

  private static String document() throws IOException {
    return Files.readString(Path.of("..", "docs", "rollout.md"));
  }
}
