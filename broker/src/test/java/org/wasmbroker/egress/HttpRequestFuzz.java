package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.url.HttpUrl;

/**
 * Guests' requests. A request is refused as bad, or its method and headers can be sent, and its
 * query does not change the part of the URL before it.
 */
public final class HttpRequestFuzz implements FuzzTarget {
  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        "{\"url\":\"https://api.example.com/v1\"}",
        """
        {"method":"POST","url":"https://api.example.com/v1?a=b","headers":{"accept":"x/y","x":["a","b"]},
         "query":{"page":"2","id":["7","ü&=#"]},"body":{"json":{"total":12.50}},"timeout_ms":2000,
         "idempotency_key":true}\
        """,
        """
        {"method":"PUT","url":"http://192.0.2.1:8080/","headers":{"authorization":"{{secret:KEY}}"},
         "body":{"base64":"aGVsbG8="},"timeout_ms":null}\
        """,
        "{\"url\":\"https://a.example\",\"body\":{\"text\":\"\\u00fc\"},\"headers\":{\"a\":\"b\\r"
            + "\\n"
            + "c\"}}",
        "{\"url\":\"https://a.example\",\"timeout_ms\":1e99999999999}");
  }

  @Override
  public void accept(byte[] input) {
    try {
      check(RequestReader.read(input));
    } catch (HttpRequestException refused) {
      assertThat(refused.type()).isEqualTo(FailureType.BAD_REQUEST);
      assertThat(refused.message()).isNotBlank().hasSizeLessThan(2500);
      assertThat(refused.message().chars()).noneMatch(Character::isISOControl);
    }
  }

  private static void check(GuestRequest request) throws HttpRequestException {
    assertThat(request.method()).matches("[A-Z][A-Z-]{0,19}");
    if (request.timeout() != null) {
      assertThat(request.timeout()).isPositive();
    }
    HeaderRules.check(request.headers());
    for (var header : request.headers()) {
      assertThat(header.name()).matches("[!-9;-~]+");
      assertThat(header.value().chars()).allMatch(c -> c == '\t' || (c >= ' ' && c < 127));
    }
    HttpUrl url;
    HttpUrl withQuery;
    try {
      url = HttpUrl.parse(request.url());
      withQuery = url.withAppendedQuery(Hop.encodeQuery(request.query()));
    } catch (IllegalArgumentException noUrl) {
      return;
    }
    assertThat(withQuery.origin()).isEqualTo(url.origin());
    assertThat(withQuery.path()).isEqualTo(url.path());
    assertThat(withQuery.toString()).startsWith(url.toString()).isASCII();
    if (withQuery.toString().length() <= HttpUrl.MAX_LENGTH) {
      assertThat(HttpUrl.parse(withQuery.toString())).isEqualTo(withQuery);
    }
  }
}
