package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationTest {
  @Test
  void theTextFormIsParsedCompletely() {
    assertThat(Destination.parse("GET,POST https://*.example.com:8443/v1/"))
        .isEqualTo(
            new Destination(
                "https",
                new HostPattern("*.example.com"),
                8443,
                new PathPrefix("/v1"),
                Set.of("GET", "POST")));
  }

  @Test
  void omittedPartsDefaultToTheSchemesPortAllPathsAndReadMethods() {
    assertThat(Destination.parse("http://example.com"))
        .isEqualTo(
            new Destination(
                "http", new HostPattern("example.com"), 80, PathPrefix.ALL, Set.of("GET", "HEAD")));
    assertThat(Destination.parse("https://example.com").port()).isEqualTo(443);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://api.example.com/v1 | GET,HEAD https://api.example.com/v1",
        "* *://*:* | * *://*:*/",
        "POST http://[2001:db8::1]:8080 | POST http://[2001:db8::1]:8080/",
        "https://example.com:443 | GET,HEAD https://example.com/",
      })
  void theTextFormRoundTrips(String text, String written) {
    var destination = Destination.parse(text);

    assertThat(destination).hasToString(written);
    assertThat(Destination.parse(written)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource({
    "https, api.example.com, 443, /v1/a, GET, true",
    "http, api.example.com, 443, /v1/a, GET, false",
    "https, api.example.org, 443, /v1/a, GET, false",
    "https, api.example.com, 8443, /v1/a, GET, false",
    "https, api.example.com, 443, /v2/a, GET, false",
    "https, api.example.com, 443, /v1/a, POST, false",
  })
  void everyPartMustMatch(
      String scheme, String host, int port, String path, String method, boolean expected) {
    var destination = Destination.parse("GET https://*.example.com/v1");

    assertThat(
            destination.matches(
                HttpTarget.parse(method, scheme + "://" + host + ":" + port + path)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "example.com | URL must have a form like",
        "ftp://example.com | scheme must be http, https or *",
        "https://user@example.com | must have no user name",
        "https://example.com/a?b=c | no query",
        "https://example.com/#a | no query and no fragment",
        "https://example.com:0 | port must be 1 to 65535",
        "https://example.com:65536 | port must be 1 to 65535",
        "https://example.com:https | port must be 1 to 65535",
        "*://example.com | specify its port",
        "get https://example.com | in upper case",
        "CONNECT https://example.com | never sent",
        "TRACE https://example.com | never sent",
        "https:///v1 | 1 to 253",
        "https://*example.com | whole label",
        "https://a\\b | single dots",
      })
  void invalidDestinationsAreRejectedWithAReason(String text, String reason) {
    assertThatThrownBy(() -> Destination.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /**
   * The intersection covers a request if and only if both do, for every combination of these parts.
   */
  @Test
  void anIntersectionMatchesWhatBothMatch() {
    var schemes = List.of("http", "https", "*");
    var hosts = List.of("api.example.com", "*.example.com", "*.*.com", "*", "10.0.0.1");
    var ports = List.of("443", "8443", "*");
    var paths = List.of("/", "/v1", "/v1/a", "/v2");
    var methods = List.of(Set.of("GET"), Set.of("GET", "POST"), Set.of("*"), Set.of("PUT"));
    var all =
        schemes.stream()
            .flatMap(
                scheme ->
                    hosts.stream()
                        .flatMap(
                            host -> ports.stream().map(port -> new String[] {scheme, host, port})))
            .toList();
    var requests =
        List.of(
            HttpTarget.parse("GET", "https://api.example.com:443/v1/a/b"),
            HttpTarget.parse("POST", "http://api.example.com:8443/v1"),
            HttpTarget.parse("PUT", "https://x.example.com:443/"),
            HttpTarget.parse("GET", "https://10.0.0.1:443/v2"),
            HttpTarget.parse("DELETE", "https://other.org:9/v1/ab"));
    int combinations = 0;
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        var one = destination(all.get(i), paths.get(i % 4), methods.get(i % 3));
        var other = destination(all.get(j), paths.get(j % 3), methods.get(j % 4));
        var both = one.intersect(other);
        for (var request : requests) {
          assertThat(both.map(destination -> destination.matches(request)).orElse(false))
              .as("%s and %s for %s", one, other, request)
              .isEqualTo(one.matches(request) && other.matches(request));
          combinations++;
        }
        assertThat(other.intersect(one)).isEqualTo(both);
      }
    }
    assertThat(combinations).isEqualTo(45 * 45 * 5);
  }

  private static Destination destination(String[] parts, String path, Set<String> methods) {
    return Destination.of(parts[0], parts[1], parts[2], path, methods);
  }
}
