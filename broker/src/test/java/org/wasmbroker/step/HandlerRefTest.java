package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlerRefTest {
  private static final String HEX = "ab".repeat(32);

  @Test
  void aReferenceSaysWhichReleaseItAsksFor() {
    assertThat(selector("transform")).isEqualTo(new Selector.Newest());
    assertThat(selector("transform@1.2")).isEqualTo(new Selector.Range(new VersionRange("1.2")));
    assertThat(selector("transform@1.3.0-rc.1"))
        .isEqualTo(new Selector.Range(new VersionRange("1.3.0-rc.1")));
    assertThat(selector("transform@>=1.2 <2"))
        .isEqualTo(new Selector.Range(new VersionRange(">=1.2 <2")));
    assertThat(selector("transform@sha256:" + HEX)).isEqualTo(new Selector.Exact(new Digest(HEX)));
    assertThat(selector("transform@stable")).isEqualTo(new Selector.Channel("stable"));
  }

  private static Selector selector(String reference) {
    return Selector.of(HandlerRef.parse(reference).selector());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1.2.3-rc.1", "^1.2", "~0.1", ">=1.2.3 <2.0.0-rc.1", ">1.2.3"})
  void whatASelectorLooksLikeIsWhatARangeReads(String text) {
    assertThat(new HandlerRef("h", text).selector()).isEqualTo(text);
    assertThat(new VersionRange(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "1.x",
        "1.2.3+b",
        ">1.2",
        " 1",
        "1 ",
        "Stable",
        "-next",
        "sha256:ab",
        "sha512:00",
        "01",
        "1.2-rc.1",
        "^",
        "1.2.3.4"
      })
  void whatIsNoSelectorIsRefused(String text) {
    assertThatThrownBy(() -> new HandlerRef("h", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a handler's version is like 1, 1.2, 1.2.3 or ^1.2");
  }
}
