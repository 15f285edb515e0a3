package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What holds of every URL and every address, for any bytes: the entry point of a fuzzer. */
public final class UrlAndAddressProperties {
  private static final HttpUrl BASE = HttpUrl.parse("https://base.example/a/b?c");

  private UrlAndAddressProperties() {}

  /** Takes the bytes for a URL, for a reference, and for addresses. */
  public static void fuzzerTestOneInput(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    check(() -> HttpUrl.parse(text));
    check(() -> BASE.resolve(text));
    if (input.length >= 4) {
      check(Arrays.copyOf(input, 4));
    }
    if (input.length >= 16) {
      check(Arrays.copyOf(input, 16));
    }
  }

  @FunctionalInterface
  private interface UrlSource {
    HttpUrl read();
  }

  private static void check(UrlSource reading) {
    HttpUrl url;
    try {
      url = reading.read();
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotBlank().hasSizeLessThan(200);
      return;
    }
    var text = url.toString();
    assertThat(text.chars()).allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
    assertThat(HttpUrl.parse(text)).isEqualTo(url);
    checkAsJavaReadsIt(url, URI.create(text));
  }

  /** Another reader finds the same host, port and path. */
  private static void checkAsJavaReadsIt(HttpUrl url, URI other) {
    assertThat(other.getScheme()).isEqualTo(url.scheme());
    assertThat(other.getRawAuthority()).isEqualTo(url.authority());
    assertThat(other.getRawUserInfo()).isNull();
    assertThat(other.getRawPath()).isEqualTo(url.path());
    assertThat(other.getRawQuery()).isEqualTo(url.query());
    assertThat(other.getRawFragment()).isNull();
    assertThat(url.path().split("/", -1)).doesNotContain(".", "..");
  }

  private static void check(byte[] bytes) {
    try {
      var address = InetAddress.getByAddress(bytes);
      if (SpecialPurposeAddresses.kind(address).isEmpty()) {
        assertThat(
                address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress()
                    || address.isMulticastAddress())
            .as("%s is not public", address)
            .isFalse();
      }
    } catch (UnknownHostException ofFourOrSixteenBytes) {
      throw new IllegalStateException(ofFourOrSixteenBytes);
    }
  }
}
