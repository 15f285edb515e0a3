package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A policy and a request read the same grammar: a URL that a request may use is one that a policy
 * can name, in the form that the request is sent in, and what a policy can name is a URL.
 */
class PolicyAndRequestAgreementTest {
  private static final int MAX_PREFIX = 1000;
  private static final List<String> SEEDS =
      List.of(
          "https://api.example.com/v1/orders",
          "http://EXAMPLE.com.:80/a/./b/%2e%2E/c%7e",
          "https://bücher.example:8443/ü",
          "https://xn--bcher-kva.example/a;b=c",
          "https://xn--a.com/%41",
          "http://192.0.2.1:8080/a%2fb",
          "http://0x7f.1/",
          "http://[2001:DB8::0:1]:81/a//b",
          "http://[::ffff:127.0.0.1]/",
          "http://my_service/..;x/",
          "https://*.example.com/*");
  private static final String PIECES = "/\\:@?#%[].-_;,*= xX01279aAfFzZé。１ß";

  @Test
  void whateverARequestMayUseAPolicyCanName() {
    int accepted = 0;
    for (var text : variants(new Random(11), 20_000)) {
      var url = read(HttpUrl::parse, text);
      if (url != null) {
        checkPolicyNames(url);
        accepted++;
      }
    }
    assertThat(accepted).isGreaterThan(2_000);
  }

  @Test
  void whateverAPolicyNamesIsTheCanonicalFormOfAUrl() {
    int accepted = 0;
    for (var text : variants(new Random(13), 20_000)) {
      var destination = read(url -> Destination.of(url, List.of("GET")), text);
      if (destination != null && !destination.host().text().contains("*")) {
        var url = HttpUrl.parse(text);
        assertThat(url.scheme()).isEqualTo(destination.scheme());
        assertThat(url.host().text()).isEqualTo(destination.host().text());
        assertThat(url.port()).isEqualTo(destination.port());
        assertThat(withoutTrailingSlash(url.path())).isEqualTo(destination.path().text());
        assertThat(destination.matches(new HttpTarget("GET", url))).as(text).isTrue();
        accepted++;
      }
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  static Stream<Arguments> refusedHosts() {
    return HttpUrlTest.refused()
        .map(arguments -> (String) arguments.get()[0])
        .map(UrlParts::split)
        .filter(parts -> parts != null && read(HostName::parse, parts.host()) == null)
        .map(parts -> Arguments.of(parts.host()))
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("refusedHosts")
  void aHostThatARequestCannotUseCannotBeNamed(String host) {
    if (!host.equals("*") && !host.startsWith("*.")) {
      assertThatIllegalArgumentException().isThrownBy(() -> new HostPattern(host));
    }
  }

  private static void checkPolicyNames(HttpUrl url) {
    var host = new HostPattern(url.host().text());
    assertThat(host).hasToString(url.host().text());
    var origin = Destination.of(url.origin(), List.of("GET"));
    assertThat(origin.toString()).isEqualTo("GET " + url.origin() + "/");
    assertThat(origin.matches(new HttpTarget("GET", url))).isTrue();
    var path = read(PathPrefix::new, url.path());
    assertThat(path != null).as(url.path()).isEqualTo(canBeNamed(url.path()));
    if (path != null) {
      assertThat(path.text()).isEqualTo(withoutTrailingSlash(url.path()));
      assertThat(path.matches(url.path())).isTrue();
    }
  }

  /** The exceptions, each for a reason: ambiguous for servers, or for those who read the policy. */
  private static boolean canBeNamed(String path) {
    return !PathPrefix.isAmbiguous(path)
        && !path.contains("//")
        && !path.contains("*")
        && path.length() <= MAX_PREFIX;
  }

  private static String withoutTrailingSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static List<String> variants(Random random, int count) {
    return Stream.generate(() -> variant(random)).limit(count).toList();
  }

  private static String variant(Random random) {
    var text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    for (int edits = random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(text.length());
      char piece = PIECES.charAt(random.nextInt(PIECES.length()));
      switch (random.nextInt(3)) {
        case 0 -> text.insert(at, piece);
        case 1 -> text.setCharAt(at, piece);
        default -> text.deleteCharAt(at);
      }
    }
    return text.toString();
  }

  private static <T> @Nullable T read(Function<String, T> reader, String text) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException refused) {
      return null;
    }
  }
}
