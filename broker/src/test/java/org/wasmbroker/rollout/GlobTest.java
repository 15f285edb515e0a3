package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "nightly-*, nightly-, true",
    "nightly-*, nightly-report, true",
    "nightly-*, my-nightly-report, false",
    "*-report, nightly-report, true",
    "*-report, nightly-reports, false",
    "a*b*c, abc, true",
    "a*b*c, aXXbYYbZZc, true",
    "a*b*c, aXXc, false",
    "*, '', true",
    "acme, acme, true",
    "acme, Acme, false",
    "a.c, abc, false",
  })
  void aStarStandsForAnyCharacters(String pattern, String text, boolean expected) {
    assertThat(new Glob(pattern).matches(text)).isEqualTo(expected);
  }

  @Test
  void manyStarsTakeNoTime() {
    var glob = new Glob("a*".repeat(99) + "b");
    assertTimeoutPreemptively(
        Duration.ofMinutes(1), () -> assertThat(glob.matches("a".repeat(100_000))).isFalse());
  }

  @Test
  void aPatternHasABoundedLength() {
    assertThatThrownBy(() -> new Glob("")).hasMessageContaining("1 to 200");
    assertThatThrownBy(() -> new Glob("x".repeat(201))).hasMessageContaining("1 to 200");
  }
}
