package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class TagLimiterTest {
  @Test
  void valuesPassUntilTheLimitIsReached() {
    var limiter = new TagLimiter(2, Set.of());

    assertThat(limiter.limit("first")).isEqualTo("first");
    assertThat(limiter.limit("second")).isEqualTo("second");
    assertThat(limiter.limit("third")).isEqualTo("other");
    assertThat(limiter.limit("first")).isEqualTo("first");
  }

  @Test
  void reservedValuesAlwaysPass() {
    var limiter = new TagLimiter(0, Set.of("ours"));

    assertThat(limiter.limit("theirs")).isEqualTo("other");
    assertThat(limiter.limit("ours")).isEqualTo("ours");
  }

  @Test
  void invalidValuesBecomeOther() {
    var limiter = new TagLimiter(10, Set.of());

    assertThat(limiter.limit("")).isEqualTo("other");
    assertThat(limiter.limit("two words")).isEqualTo("other");
    assertThat(limiter.limit("quote\"d\n")).isEqualTo("other");
    assertThat(limiter.limit("x".repeat(65))).isEqualTo("other");
  }
}
