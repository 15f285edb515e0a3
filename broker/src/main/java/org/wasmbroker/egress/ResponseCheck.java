package org.wasmbroker.egress;

import java.util.Locale;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/**
 * What of an answer's head is believed. An answer that two readers would end at different places is
 * refused, whatever the client made of it.
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
      throw badResponse("the answer's headers have more than " + MAX_HEADER_BYTES + " bytes");
    }
    if (response.containsHeader("Transfer-Encoding")) {
      if (response.containsHeader("Content-Length")) {
        throw badResponse("the answer has two lengths: Content-Length and Transfer-Encoding");
      }
      if (response.countHeaders("Transfer-Encoding") > 1
          || !headerValue(response, "Transfer-Encoding").equals("chunked")) {
        throw badResponse("the answer's Transfer-Encoding is not chunked");
      }
    }
    checkLength(response);
    return bytes;
  }

  private static void checkLength(HttpResponse response) throws HttpRequestException {
    if (response.countHeaders("Content-Length") > 1) {
      throw badResponse("the answer has two lengths");
    }
    var length = headerValue(response, "Content-Length");
    if (!length.isEmpty() && !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw badResponse("the answer's Content-Length is no number");
    }
  }

  private static void checkText(Header header, String value) throws HttpRequestException {
    if (!value.chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\t')) {
      throw badResponse("a header of the answer has control characters");
    }
    if (!header.getName().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw badResponse("a header of the answer has no proper name");
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
