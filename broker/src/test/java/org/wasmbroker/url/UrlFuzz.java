package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.fuzz.FuzzTarget;

/**
 * Guests' URLs. The lines of the input are a URL, a reference to resolve against it, and two
 * destinations. An accepted URL is in canonical form, another parser reads it identically, its host
 * is an address for every parser or for none, and a policy can name it. The intersection of
 * destinations covers what both cover. The bytes themselves are an address, which is not public if
 * the JDK knows that it is special.
 */
public final class UrlFuzz implements FuzzTarget {
  private static final int LINES = 4;

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        "https://api.example.com/v1/orders?page=2#top\n../b\nGET https://*.example.com/v1\n*"
            + " *://*:*/v1/orders",
        "HTTP://EXAMPLE.com.:80/a/./b/%2e%2E/c%7e\n//other.example\nhttp://example.com/a\n"
            + "GET,POST http://example.com",
        "https://bücher.example/ü?q=ä\n?x\nhttps://xn--bcher-kva.example\nhttps://*.example",
        "http://192.0.2.1:8080/\n/x\nhttp://192.0.2.1:8080\nhttp://*:*",
        "http://[2001:DB8::0:1]/\n\nhttp://[2001:db8::1]\n* http://*",
        "http://0x7f.1/\nhttp://2130706433/\nhttp://*\nhttp://127.0.0.1",
        "http://user@example.com\\@other/\nhttp:x\n\n",
        "\u007f\0\0\1");
  }

  @Override
  public void accept(byte[] input) {
    checkAddress(input, 4);
    checkAddress(input, 16);
    var lines = Arrays.copyOf(new String(input, StandardCharsets.UTF_8).split("\n", LINES), LINES);
    var url = read(() -> HttpUrl.parse(lines[0]));
    var one = lines[2] == null ? null : read(() -> Destination.parse(lines[2]));
    var other = lines[3] == null ? null : read(() -> Destination.parse(lines[3]));
    if (url != null) {
      check(url);
      if (lines[1] != null) {
        resolve(url, lines[1]);
      }
      if (one != null && other != null) {
        checkBoth(url, one, other);
      }
    }
  }

  private static void check(HttpUrl url) {
    assertThat(HttpUrl.parse(url.toString())).isEqualTo(url);
    var uri = URI.create(url.toString());
    assertThat(url.toString().chars()).allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
    assertThat(uri.getScheme()).isEqualTo(url.scheme());
    assertThat(uri.getRawUserInfo()).isNull();
    assertThat(uri.getRawFragment()).isNull();
    assertThat(uri.getRawAuthority()).isEqualTo(url.authority());
    assertThat(uri.getHost()).isIn(null, url.host().text()); // null for names with '_'
    assertThat(uri.getRawPath()).isEqualTo(url.path());
    assertThat(uri.getRawQuery()).isEqualTo(url.query());
    assertThat(url.path().split("/", -1)).doesNotContain(".", "..");
    checkHost(url.host());
    checkPolicyCanNameIt(url);
  }

  /** In the form in which it is sent. */
  private static void checkPolicyCanNameIt(HttpUrl url) {
    var destination = Destination.of(url.origin(), List.of("GET"));
    assertThat(destination).hasToString("GET " + url.origin() + "/");
    assertThat(destination.matches(new HttpTarget("GET", url))).isTrue();
    var path = read(() -> new PathPrefix(url.path()));
    if (path != null) {
      assertThat(path.matches(url.path())).isTrue();
      assertThat(url.path()).startsWith(path.text());
    }
  }

  private static void checkHost(HostName host) {
    if (host.address() == null) {
      assertThatThrownBy(() -> InetAddress.ofLiteral(host.text()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Inet4Address.ofPosixLiteral(host.text()))
          .isInstanceOf(IllegalArgumentException.class);
    } else {
      var literal = host.text().replace("[", "").replace("]", "");
      assertThat(InetAddress.ofLiteral(literal)).isEqualTo(host.address());
    }
  }

  private static void resolve(HttpUrl url, String reference) {
    var resolved = read(() -> url.resolve(reference));
    if (resolved != null) {
      assertThat(HttpUrl.parse(resolved.toString())).isEqualTo(resolved);
      if (!reference.contains("//") && !reference.contains(":")) {
        assertThat(resolved.isSameOrigin(url)).isTrue();
      }
    }
  }

  private static void checkBoth(HttpUrl url, Destination one, Destination other) {
    for (var method : List.of("GET", "POST")) {
      boolean both = matches(one, url, method) && matches(other, url, method);
      assertThat(one.intersect(other).filter(and -> matches(and, url, method)).isPresent())
          .isEqualTo(both);
      assertThat(other.intersect(one).filter(and -> matches(and, url, method)).isPresent())
          .isEqualTo(both);
    }
    assertThat(Destination.parse(one.toString())).isEqualTo(one);
    assertThat(Destination.parse(other.toString())).isEqualTo(other);
  }

  private static boolean matches(Destination destination, HttpUrl url, String method) {
    return destination.matches(new HttpTarget(method, url));
  }

  private static void checkAddress(byte[] input, int length) {
    if (input.length < length) {
      return;
    }
    try {
      var address = InetAddress.getByAddress(Arrays.copyOf(input, length));
      boolean special =
          address.isAnyLocalAddress()
              || address.isLoopbackAddress()
              || address.isLinkLocalAddress()
              || address.isSiteLocalAddress()
              || address.isMulticastAddress();
      assertThat(SpecialPurposeAddresses.kind(address).isPresent() || !special)
          .as("%s", address)
          .isTrue();
    } catch (UnknownHostException notSoLong) {
      throw new AssertionError(notSoLong);
    }
  }

  private static <T> @Nullable T read(Supplier<T> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException refused) {
      var message = String.valueOf(refused.getMessage());
      assertThat(message).isNotBlank().hasSizeLessThan(400);
      assertThat(message.chars()).noneMatch(Character::isISOControl);
      return null;
    }
  }
}
