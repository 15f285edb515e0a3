package org.wasmbroker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTypesTest {
  @ParameterizedTest
  @CsvSource({
    "100us, PT0.0001S",
    "250ms, PT0.25S",
    "30s, PT30S",
    "5m, PT5M",
    "2h, PT2H",
    "1d, PT24H",
    "0s, PT0S",
    "PT1M30S, PT1M30S"
  })
  void durationsNeedAUnit(String text, Duration expected) {
    assertThat(QuantityTypes.DURATION.parse().apply(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "30 s", "-1s", "1.5s", "1w", "s", "PT-5S", "9999999999s"})
  void invalidDurationsAreRejected(String text) {
    assertThat(QuantityTypes.DURATION.parse().apply(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "17, 17", "17B, 17", "64KiB, 65536", "32MiB, 33554432", "4GiB, 4294967296"})
  void sizesAreBytesOrCarryAUnit(String text, long expected) {
    assertThat(QuantityTypes.SIZE.parse().apply(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1KB", "1k", "1.5MiB", "-1", "999999999999999GiB", "0x10"})
  void invalidSizesAreRejected(String text) {
    assertThat(QuantityTypes.SIZE.parse().apply(text)).isEmpty();
  }

  @Test
  void intSizesStayBelowTwoGibibytes() {
    assertThat(QuantityTypes.INT_SIZE.parse().apply("2GiB")).isEmpty();
    assertThat(QuantityTypes.INT_SIZE.parse().apply("2147483647")).contains(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100us", "250ms", "90s", "5m", "24h", "0ms"})
  void durationsRoundTrip(String text) {
    var duration = QuantityTypes.DURATION.parse().apply(text).orElseThrow();

    assertThat(QuantityTypes.DURATION.format().apply(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000", "64KiB", "32MiB", "3GiB"})
  void sizesRoundTrip(String text) {
    var size = QuantityTypes.SIZE.parse().apply(text).orElseThrow();

    assertThat(QuantityTypes.SIZE.format().apply(size)).isEqualTo(text);
  }
}
