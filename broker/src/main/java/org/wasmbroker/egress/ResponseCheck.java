package org.wasmbroker.egress;

import java.util.Locale;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/**
 * Checks a response head. A response whose end parsers would disagree about is refused, whatever
 * the HTTP client made of it.
 */
final class ResponseCheck {
  static final int MAX_HEADER_BYTES = 64 << 10;

  private ResponseCheck() {}

  /** The head's size in bytes. */
  static long check(HttpResponse response) throws HttpRequestException {
    long bytes = 0;
    for (var header : response.getHeaders()) {
      var value = header.getValue() == null ? "" : header.getValue();
      bytes += header.getName().length() + value.length() + 4L;
      checkText(header, value);
    }
    if (bytes > MAX_HEADER_BYTES) {
      throw badResponse("the response headers have more than " + MAX_HEADER_BYTES + " bytes");
    }
    if (response.containsHeader("Transfer-Encoding")) {
      if (response.containsHeader("Content-Length")) {
        throw badResponse("the response has both Content-Length and Transfer-Encoding");
      }
      if (response.countHeaders("Transfer-Encoding") > 1
          || !headerValue(response, "Transfer-Encoding").equals("chunked")) {
        throw badResponse("the response has a Transfer-Encoding other than chunked");
      }
    }
    checkLength(response);
    return bytes;
  }

  private static void checkLength(HttpResponse response) throws HttpRequestException {
    if (response.countHeaders("Content-Length") > 1) {
      throw badResponse("the response has more than one Content-Length");
    }
    var length = headerValue(response, "Content-Length");
    if (!length.isEmpty() && !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw badResponse("the response has a Content-Length that is not a number");
    }
  }

  private static void checkText(Header header, String value) throws HttpRequestException {
    if (!value.chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\t')) {
      throw badResponse("a response header contains control characters");
    }
    if (!header.getName().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw badResponse("a response header has an invalid name");
    }
  }

  private static String headerValue(HttpResponse response, String name) {
    var header = response.getFirstHeader(name);
    return header == null || header.getValue() == null
        ? ""
        : header.getValue().strip().toLowerCase(Locale.ROOT);
  }

  private static HttpRequestException badResponse(String message) {
    return HttpRequestException.of(FailureType.BAD_RESPONSE, "response", message);
  }
}
