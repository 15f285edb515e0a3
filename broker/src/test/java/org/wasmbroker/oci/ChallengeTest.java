package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
  @Test
  void severalChallengesInOneHeaderAreTold() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Bearer realm=\"https://a.example/t?x=1,2\", Service=\"s \\\"q\\\"\" ,"
                        + "scope = repository:x:pull, Basic realm=test",
                    "Negotiate")))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm", "https://a.example/t?x=1,2",
                    "service", "s \"q\"",
                    "scope", "repository")),
            new Challenge("negotiate", Map.of()));
  }

  @Test
  void theFirstOfTwoEqualParametersCounts() {
    assertThat(Challenge.parse(List.of("Bearer realm=\"a\",realm=\"b\"")))
        .containsExactly(new Challenge("bearer", Map.of("realm", "a")));
  }

  @Test
  void whatIsMalformedEndsOnlyItsOwnHeader() {
    assertThat(Challenge.parse(List.of("Bearer realm=\"a", "Basic realm=\"b\"")))
        .extracting(Challenge::scheme)
        .containsExactly("bearer", "basic");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " , ,, ", "=", "\"", "a=b=c", "\u0000", "(((", "Bearer ====="})
  void whatIsNoChallengeIsReadToItsEnd(String header) {
    assertThat(Challenge.parse(List.of(header))).hasSizeLessThan(3);
  }

  @Test
  void theyAreBounded() {
    assertThat(Challenge.parse(List.of("a ".repeat(4000)))).hasSize(16);
    assertThat(Challenge.parse(List.of("Basic realm=" + "x".repeat(10_000)))).isEmpty();
  }
}
