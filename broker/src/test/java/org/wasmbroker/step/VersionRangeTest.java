package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semver4j.Semver;

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
    "^1.2, 1.2.0, true",
    "^1.2, 1.10.0, true",
    "^1.2, 1.1.9, false",
    "^1.2, 2.0.0, false",
    "^0.2.3, 0.2.9, true",
    "^0.2.3, 0.3.0, false",
    "^0.0.3, 0.0.3, true",
    "^0.0.3, 0.0.4, false",
    "^0, 0.9.0, true",
    "^0, 1.0.0, false",
    "^0.0, 0.0.9, true",
    "^0.0, 0.1.0, false",
    "~1.2.3, 1.2.9, true",
    "~1.2.3, 1.2.2, false",
    "~1.2.3, 1.3.0, false",
    "~1.2, 1.2.0, true",
    "~1.2, 1.3.0, false",
    "~1, 1.9.0, true",
    "~1, 2.0.0, false",
    "^1.2 <1.5, 1.5.0, false",
  })
  void versionsInsideAndOutside(String range, String version, boolean inside) {
    assertThat(new VersionRange(range).includes(Version.parse(version))).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1.x", "^", "~x", "1.2-rc.1", "^1.2+x", ">= 1", "1.2.3.4", "01", ">=1.2, <2"})
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

  /** The library has the same ranges but for {@code ^0.0}, and a grammar that takes more. */
  @Test
  void whatIsCompatibleIsWhatTheLibrarySays() {
    var ranges = List.of("^1.2", "^1.2.3", "^0.2", "^0.2.3", "^0.0.3", "~1", "~1.2", "~1.2.3");
    for (var range : ranges) {
      for (int version = 0; version < 512; version++) {
        var text = "%d.%d.%d".formatted(version / 64, version / 8 % 8, version % 8);
        assertThat(new VersionRange(range).includes(Version.parse(text)))
            .as(range + " " + text)
            .isEqualTo(new Semver(text).satisfies(range));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "*, 1.2.3-rc.1, true",
    "1, 1.2.3-rc.1, true",
    "^1.2, 1.3.0-rc.1, true",
    ">=1.2 <2, 1.2.0-rc.1, true",
    ">=1.2 <2, 2.0.0-rc.1, false",
    "1.2.3, 1.2.3-rc.1, false",
    "1.2.3-rc.1, 1.2.3-rc.1, true",
    "1.2.3-rc.1, 1.2.3, false",
    ">=1.2.3-rc.2, 1.2.3-rc.1, false",
    ">=1.2.3-rc.2, 1.2.3-rc.10, true",
    "^1.2.3-rc.2, 2.0.0-rc.1, false",
  })
  void aRuleForARangeIsOneForThePreReleasesOfItsReleases(
      String range, String version, boolean inside) {
    assertThat(new VersionRange(range).includes(Version.parse(version))).isEqualTo(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.2.3, true",
    "1, 1.2.3-rc.1, false",
    "^1.2, 1.3.0-rc.1, false",
    "^1.2.3-rc.1, 1.2.3-rc.2, true",
    "^1.2.3-rc.1, 1.2.3, true",
    "^1.2.3-rc.1, 1.3.0, true",
    "^1.2.3-rc.1, 1.3.0-rc.1, false",
    "1.2.3-rc.1, 1.2.3-rc.1, true",
  })
  void aReferenceGetsAPreReleaseOnlyIfItNamesOneOfTheSameRelease(
      String range, String version, boolean selected) {
    assertThat(new VersionRange(range).selects(Version.parse(version))).isEqualTo(selected);
  }
}
