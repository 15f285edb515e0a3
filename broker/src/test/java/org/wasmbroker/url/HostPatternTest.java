package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPatternTest {
  @ParameterizedTest
  @CsvSource({
    "api.example.com, api.example.com",
    "API.Example.com, api.example.com",
    "*.example.com, api.example.com",
    "*.*.example.com, a.b.example.com",
    "*, anything.example",
    "*, 127.0.0.1",
    "192.0.2.1, 192.0.2.1",
    "[2001:DB8::1], [2001:db8:0:0:0:0:0:1]",
    "[::1], [::1]",
    "_dmarc.example.com, _dmarc.example.com",
  })
  void matchingHosts(String pattern, String host) {
    assertThat(new HostPattern(pattern).matches(host)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "*.example.com, example.com",
    "*.example.com, evilexample.com",
    "*.example.com, a.b.example.com",
    "*.example.com, .example.com",
    "*.example.com, api.example.com.evil.org",
    "*.example.com, api.example.org",
    "api.example.com, xapi.example.com",
    "api.example.com, api.example.com.",
    "[::1], [::2]",
    "[::1], 0.0.0.1",
    "192.0.2.1, 192.0.2.10",
    "*, ''",
  })
  void nonMatchingHosts(String pattern, String host) {
    assertThat(new HostPattern(pattern).matches(host)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*example.com | whole label",
        "api.*.com | whole label",
        "*.* | must name a domain",
        "bücher.example | ASCII form",
        "a..b | single dots",
        "example.com. | single dots",
        ".example.com | single dots",
        "-a.example | single dots",
        "a b | single dots",
        "127.1 | four decimal numbers",
        "0x7f000001 | four decimal numbers",
        "0177.0.0.1 | four decimal numbers",
        "2130706433 | four decimal numbers",
        "*.0.0.1 | four decimal numbers",
        "[::1%eth0] | without a zone",
        "[::ffff:127.0.0.1] | without a zone",
        "[127.0.0.1] | without a zone",
        "[] | without a zone",
        "'' | 1 to 253",
        "*. | must name a domain",
        "*..example.com | single dots",
        "*.192.0.2.1 | no wildcards",
        "*.[::1] | no wildcards",
        "xn--a.com | international name",
        "*.xn--exmple-4nf.com | mixes scripts",
      })
  void invalidPatternsAreRejectedWithAReason(String text, String reason) {
    assertThatThrownBy(() -> new HostPattern(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
