package org.wasmbroker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountsTest {
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
  void durationsHaveAUnit(String text, Duration expected) {
    assertThat(Amounts.DURATION_OF_TIME.parse().apply(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "30 s", "-1s", "1.5s", "1w", "s", "PT-5S", "9999999999s"})
  void whatIsNoDurationIsNone(String text) {
    assertThat(Amounts.DURATION_OF_TIME.parse().apply(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "17, 17", "17B, 17", "64KiB, 65536", "32MiB, 33554432", "4GiB, 4294967296"})
  void sizesAreBytesOrHaveAUnit(String text, long expected) {
    assertThat(Amounts.SIZE_IN_BYTES.parse().apply(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1KB", "1k", "1.5MiB", "-1", "999999999999999GiB", "0x10"})
  void whatIsNoSizeIsNone(String text) {
    assertThat(Amounts.SIZE_IN_BYTES.parse().apply(text)).isEmpty();
  }

  @Test
  void smallSizesEndBeforeTwoGibibytes() {
    assertThat(Amounts.SMALL_SIZE_IN_BYTES.parse().apply("2GiB")).isEmpty();
    assertThat(Amounts.SMALL_SIZE_IN_BYTES.parse().apply("2147483647")).contains(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100us", "250ms", "90s", "5m", "24h", "0ms"})
  void durationsAreWrittenAsTheyAreRead(String text) {
    var duration = Amounts.DURATION_OF_TIME.parse().apply(text).orElseThrow();

    assertThat(Amounts.DURATION_OF_TIME.write().apply(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000", "64KiB", "32MiB", "3GiB"})
  void sizesAreWrittenAsTheyAreRead(String text) {
    var size = Amounts.SIZE_IN_BYTES.parse().apply(text).orElseThrow();

    assertThat(Amounts.SIZE_IN_BYTES.write().apply(size)).isEqualTo(text);
  }
}
