package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://example.com, http://example.com/",
    "https://example.com/a?b=c, https://example.com/a?b=c",
    "HTTPS://EXAMPLE.com/A, https://example.com/A",
    "https://example.com:443/, https://example.com/",
    "http://example.com:80, http://example.com/",
    "http://example.com:443/, http://example.com:443/",
    "https://example.com:8443/a, https://example.com:8443/a",
    "https://example.com./a, https://example.com/a",
    "https://example.com?q, https://example.com/?q",
    "https://example.com?, https://example.com/?",
    "https://example.com#top, https://example.com/",
    "https://example.com/a#b?c, https://example.com/a",
    "https://example.com/a?b#c, https://example.com/a?b",
    "https://example.com/a/./b/../c, https://example.com/a/c",
    "https://example.com/../../a, https://example.com/a",
    "https://example.com/a/.., https://example.com/",
    "https://example.com/a/b/., https://example.com/a/b/",
    "https://example.com/%2e%2E/a, https://example.com/a",
    "https://example.com/v1/%2e%2e/admin, https://example.com/admin",
    "https://example.com/%41%7e%5f, https://example.com/A~_",
    "https://example.com/%c3%a9, https://example.com/%C3%A9",
    "https://example.com/é, https://example.com/%C3%A9",
    "https://example.com/𝒳, https://example.com/%F0%9D%92%B3",
    "https://example.com/a%2fb, https://example.com/a%2Fb",
    "https://example.com/a%5cb, https://example.com/a%5Cb",
    "https://example.com/a//b, https://example.com/a//b",
    "https://example.com//evil.example/a, https://example.com//evil.example/a",
    "https://example.com/a;b=c, https://example.com/a;b=c",
    "https://example.com/<x>|{y}, https://example.com/%3Cx%3E%7C%7By%7D",
    "https://example.com/?a[b]=c, https://example.com/?a%5Bb%5D=c",
    "https://example.com/?a=b+c&d=%20, https://example.com/?a=b+c&d=%20",
    "https://example.com/?u=http://x/?y, https://example.com/?u=http://x/?y",
    "https://example.com/a@b:c, https://example.com/a@b:c",
    "https://my_service:8080/, https://my_service:8080/",
    "https://r3---sn-x.example.com/, https://r3---sn-x.example.com/",
    "http://192.0.2.1/, http://192.0.2.1/",
    "http://127.0.0.1:81/, http://127.0.0.1:81/",
    "http://example.com:, http://example.com/",
    "https://example.com:/a, https://example.com/a",
    "https://example.com:?q, https://example.com/?q",
    "https://192.0.2.1:/, https://192.0.2.1/",
    "http://[::1]:/, http://[::1]/",
    "http://[2001:DB8::1]/, http://[2001:db8::1]/",
    "http://[::1]:8080/, http://[::1]:8080/",
    "http://[0:0:0:0:0:0:0:1]/, http://[::1]/",
    "http://[2001:0db8:0:0:1:0:0:1]/, http://[2001:db8::1:0:0:1]/",
    "http://[2001:db8:0:1:1:1:1:1]/, http://[2001:db8:0:1:1:1:1:1]/",
    "http://[2001:db8:0:0:1:0:0:0]/, http://[2001:db8:0:0:1::]/",
    "http://[1:0:0:2:3:4:5:6]/, http://[1::2:3:4:5:6]/",
    "http://[64:ff9b::1.2.3.4]/, http://[64:ff9b::102:304]/",
    "http://[::]/, http://[::]/",
    "https://bücher.example/, https://xn--bcher-kva.example/",
    "https://BÜCHER.example/, https://xn--bcher-kva.example/",
    "https://bu\u0308cher.example/, https://xn--bcher-kva.example/",
    "https://xn--bcher-kva.example/, https://xn--bcher-kva.example/",
    "https://XN--BCHER-KVA.example/, https://xn--bcher-kva.example/",
    "https://faß.example/, https://xn--fa-hia.example/",
    "https://例え.テスト/, https://xn--r8jz45g.xn--zckzah/",
    "https://пример.example/, https://xn--e1afmkfd.example/",
    "https://ｅｘａｍｐｌｅ.com/, https://example.com/",
    "https://example。com/, https://example.com/",
    "https://exa\u00admple.com/, https://example.com/",
  })
  void aUrlHasOneCanonicalForm(String given, String normal) {
    assertThat(HttpUrl.parse(given)).hasToString(normal);
    assertThat(HttpUrl.parse(normal)).hasToString(normal);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
            "",
            "no scheme",
            "/path",
            "//example.com/",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "javascript://example.com/",
            "http:example.com",
            "http:/example.com",
            "https:\\\\example.com",
            "http://",
            "http:///",
            "http:///path",
            "http://?q",
            "http://#f",
            "http://:80/",
            " http://a/",
            "http://a/ ",
            "ht\ttp://a/",
            "http\n://a/",
            "view-source:http://a/",
            "http+x://a/",
            "http://user@example.com/",
            "http://user:pw@example.com/",
            "http://@example.com/",
            "http://granted.example@evil.example/",
            "http://a:b@c:d@e/",
            "http://evil.example\\@granted.example/",
            "http://granted.example\\.evil.example/",
            "http://granted.example\\/",
            "https://granted.example/\\..\\",
            "http://a\tb/",
            "http://a\nb/",
            "http://a\rb/",
            "http://a b/",
            "http://a/\r\nHost: b",
            "http://a/\0",
            "http://a/\u007f",
            "http://a/\u0085",
            "http://a/\u00a0",
            "http://a/\u2028",
            "http://a/\u3000",
            "http://a/\ud800",
            "http://a/\udc00\ud800",
            "http://exa%6dple.com/",
            "http://example.com%2f.evil.example/",
            "http://example.com%00/",
            "http://%31%32%37.0.0.1/",
            "http://%e3%81%82/",
            "http://0x7f.0.0.1/",
            "http://0x7f000001/",
            "http://0X7F.1/",
            "http://2130706433/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://127.0.0.01/",
            "http://127.0.0.1./",
            "http://127.0.0.256/",
            "http://127.0.0.1.1/",
            "http://1.2.3/",
            "http://1/",
            "http://0/",
            "http://0x/",
            "http://a.0x/",
            "http://a.1/",
            "http://a.0x1f/",
            "http://00.0.0.0/",
            "http://１２７.０.０.１/",
            "http://127。0。0。1/",
            "http://①②⑦.0.0.1/",
            "http://127.0.0.１/",
            "http://₁₂₇.0.0.1/",
            "http://0ｘ7f.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://[fe80::1%1]/",
            "http://[::1",
            "http://::1/",
            "http://[::1]x/",
            "http://[]/",
            "http://[1.2.3.4]/",
            "http://[::1::2]/",
            "http://[12345::1]/",
            "http://[::g]/",
            "http://[v1.a]/",
            "http://x[::1]/",
            "http://[[::1]]/",
            "http://[::1.2.3]/",
            "http://[::1.2.3.256]/",
            "http://a..b/",
            "http://.a/",
            "http://./",
            "http://../",
            "http://a../",
            "http://-a/",
            "http://a-/",
            "http://a.-b.c/",
            "http://a,b/",
            "http://a'b/",
            "http://a!b/",
            "http://a*b/",
            "http://*/",
            "http://*.example.com/",
            "http://a;b/",
            "http://a|b/",
            "http://a^b/",
            "http://a&b/",
            "http://a=b/",
            "http://a<b/",
            "http://" + "a".repeat(64) + ".com/",
            "http://" + "a.".repeat(130) + "com/",
            "http://:/",
            "http://a::/",
            "http://a:0/",
            "http://a:00/",
            "http://a:080/",
            "http://a:65536/",
            "http://a:99999/",
            "http://a:-1/",
            "http://a:+80/",
            "http://a:80a/",
            "http://a:8 0/",
            "http://a:８０/",
            "http://a:80:80/",
            "http://a:0x50/",
            "http://a/%",
            "http://a/%1",
            "http://a/%g0",
            "http://a/%1g",
            "http://a/%u0041",
            "http://a/%１１",
            "http://a/?%zz",
            "http://a/" + "b".repeat(8192),
            "https://ехаmple.com/",
            "https://exаmple.com/",
            "https://аррle.com/",
            "https://xn--exmple-4nf.com/",
            "https://xn--a.com/",
            "https://xn--/",
            "https://xn--bcher-kvb8/",
            "https://a\u200db.example/",
            "https://\u200f.example/",
            "https://a\u2488com/",
            "https://℀.example/",
            "https://a／b.example/",
            "https://a？b.example/",
            "https://a＃b.example/",
            "https://a＠b.example/",
            "https://a：80/",
            "https://a％41.example/",
            "https://\u0301a.example/")
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void ambiguousUrlsAreRefused(String given) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpUrl.parse(given))
        .satisfies(refused -> assertThat(refused.getMessage()).isNotBlank());
  }

  @Test
  void aRefusalDoesNotQuoteTheUrl() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpUrl.parse("http://user:hunter2@example.com/?token=hunter2"))
        .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("hunter2"));
  }

  @ParameterizedTest
  @CsvSource({
    "http://other.example/x, http://other.example/x",
    "//other.example/x, https://other.example/x",
    "/x?y, https://example.com/x?y",
    "x, https://example.com/a/x",
    "../x, https://example.com/x",
    "?z, https://example.com/a/b?z",
    "#top, https://example.com/a/b?c",
    "./, https://example.com/a/",
    "//other.example:81, https://other.example:81/",
  })
  void aReferenceIsResolvedAgainstTheBaseUrl(String reference, String url) {
    assertThat(HttpUrl.parse("https://example.com/a/b?c").resolve(reference)).hasToString(url);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "/a b, https://example.com/a%20b",
        "a b?c d#e f, https://example.com/a/a%20b?c%20d",
        "\"  /a  \", https://example.com/a",
        "\"/a\tb\", https://example.com/ab",
        "https://other.example:/x y, https://other.example/x%20y",
        "/\u00c3\u00a9, https://example.com/%C3%A9",
        "?q=\u00c3\u00a9, https://example.com/a/b?q=%C3%A9",
        "/\u00e9, https://example.com/%E9",
        "HTTPS://OTHER.example:443, https://other.example/",
        "//[0:0::1]/, https://[::1]/",
      })
  void aLocationIsReadAsBrowsersReadIt(String location, String url) {
    assertThat(HttpUrl.parse("https://example.com/a/b?c").resolveLocation(location))
        .hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a b/",
        "http://b\u00c3\u00bccher.example/",
        "http://user@a/x y",
        "/a\nb",
        "/a\\b",
        "http://127.1/ x",
      })
  void aLocationIsNotReadMoreFreelyThanThat(String location) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpUrl.parse("https://example.com/").resolveLocation(location));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/plain,x",
        "///evil.example",
        "//",
        "//user@evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "https:/evil.example",
        "http://127.1/",
        "mailto:a@b",
        "/a b",
        "x:y"
      })
  void aReferenceIsParsedAsStrictlyAsAUrl(String reference) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpUrl.parse("https://example.com/a/b?c").resolve(reference));
  }

  @Test
  void queryParametersAreAppendedToTheExistingQuery() {
    var url = HttpUrl.parse("https://example.com/a");

    assertThat(url.withAppendedQuery("b=c").withAppendedQuery("d=e").withAppendedQuery(""))
        .hasToString("https://example.com/a?b=c&d=e");
    assertThat(UrlEncoding.encode("a b&c=d/é?#%")).isEqualTo("a%20b%26c%3Dd%2F%C3%A9%3F%23%25");
  }

  @Test
  void originsDifferBySchemeHostAndPort() {
    var url = HttpUrl.parse("https://example.com/a");

    assertThat(url.isSameOrigin(HttpUrl.parse("https://EXAMPLE.com:443/b"))).isTrue();
    assertThat(url.isSameOrigin(HttpUrl.parse("http://example.com/a"))).isFalse();
    assertThat(url.isSameOrigin(HttpUrl.parse("https://example.com:444/a"))).isFalse();
    assertThat(url.isSameOrigin(HttpUrl.parse("https://api.example.com/a"))).isFalse();
  }
}
