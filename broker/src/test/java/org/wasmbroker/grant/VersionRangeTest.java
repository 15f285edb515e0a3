package org.wasmbroker.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Version;

class VersionRangeTest {
  @ParameterizedTest
  @CsvSource({
    "*, 3.1.4, true",
    "1, 1.9.0, true",
    "1, 10.0.0, false",
    "1.2, 1.2.3, true",
    "1.2, 1.20.0, false",
    "1.2.3, 1.2.3, true",
    ">=1.2 <2, 1.2.0, true",
    ">=1.2 <2, 1.10.0, true",
    ">=1.2 <2, 1.1.9, false",
    ">=1.2 <2, 2.0.0, false",
    ">1.2.3, 1.2.3, false",
    ">1.2.3, 1.2.4, true",
    "<=1.2.3, 1.2.3, true",
    "<=1.2.3, 1.2.4, false",
  })
  void versionsInsideAndOutside(String range, String version, boolean inside) {
    assertThat(new VersionRange(range).includes(Version.parse(version))).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1.x", "^1.2", "~1", ">= 1", "1.2.3.4", "01", ">=1.2, <2"})
  void invalidRangesAreRejected(String text) {
    assertThatThrownBy(() -> new VersionRange(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as '>=1.2 <2'");
  }

  @ParameterizedTest
  @ValueSource(strings = {">1.2", "<=1"})
  void anAmbiguousPartialBoundIsRejected(String text) {
    assertThatThrownBy(() -> new VersionRange(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give all three numbers");
  }
}
