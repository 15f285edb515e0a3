package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTest {
  @Test
  void versionsAreInTheOrderOfSemanticVersioning() {
    var ordered =
        List.of(
            "0.9.0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.9.0",
            "1.10.0",
            "999999999.0.0");
    var versions = new ArrayList<>(ordered.stream().map(Version::parse).toList());
    Collections.shuffle(versions, new Random(7));

    assertThat(versions.stream().sorted().map(Version::toString)).isEqualTo(ordered);
  }

  @Test
  void aPreReleaseIsOneOfItsRelease() {
    assertThat(Version.parse("1.2.3-rc.1").isPreRelease()).isTrue();
    assertThat(Version.parse("1.2.3-rc.1").release()).isEqualTo(new Version(1, 2, 3));
    assertThat(Version.parse("1.2.3").isPreRelease()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2",
        "v1.2.3",
        "01.2.3",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-a..b",
        "1.2.3-rc_1",
        " 1.2.3",
        "1.2.3\n",
        "1000000000.0.0",
        "1.2.3-1000000000"
      })
  void whatIsNoVersionIsRefused(String text) {
    assertThatThrownBy(() -> Version.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("like 1.2.3 or 1.2.3-rc.1");
  }

  @Test
  void aVersionThatNoTagCanHoldIsRefused() {
    assertThat(Version.parse("1.2.3-" + "a".repeat(122)).toString()).hasSize(128);
    assertThatThrownBy(() -> Version.parse("1.2.3-" + "a".repeat(123)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void buildMetadataIsRefusedByName() {
    assertThatThrownBy(() -> Version.parse("1.2.3+build.5"))
        .hasMessage("a module's version has no build metadata ('+…'), was '1.2.3+build.5'");
  }
}
