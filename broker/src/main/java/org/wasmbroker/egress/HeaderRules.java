package org.wasmbroker.egress;

import java.util.List;
import org.wasmbroker.sandbox.HeaderSyntax;
import org.wasmbroker.step.SafeText;

/** Which headers a guest may set, and how many: {@link HeaderSyntax} within bounds. */
final class HeaderRules {
  static final int MAX_HEADERS = 64;
  static final int MAX_VALUE_LENGTH = HeaderSyntax.MAX_VALUE_LENGTH;
  static final int MAX_TOTAL_BYTES = 32 << 10;

  private HeaderRules() {}

  /** Refuses reserved and malformed headers. */
  static void check(List<RequestField> headers) throws HttpRequestException {
    if (headers.size() > MAX_HEADERS) {
      throw HttpRequestException.badRequest(
          "a request must have at most %d headers, had %d".formatted(MAX_HEADERS, headers.size()));
    }
    long bytes = 0;
    for (var header : headers) {
      checkName(header.name());
      checkValue(header);
      bytes += header.name().length() + header.value().length() + 4L;
    }
    if (bytes > MAX_TOTAL_BYTES) {
      throw HttpRequestException.badRequest(
          "the headers must have at most %d bytes in total, had %d"
              .formatted(MAX_TOTAL_BYTES, bytes));
    }
  }

  private static void checkName(String name) throws HttpRequestException {
    if (!HeaderSyntax.isName(name)) {
      throw HttpRequestException.badRequest(
          "'%s' is not a valid header name"
              .formatted(SafeText.sanitize(name, HeaderSyntax.MAX_NAME_LENGTH)));
    }
    if (HeaderSyntax.isReserved(name)) {
      throw HttpRequestException.badRequest("the header '" + name + "' is reserved");
    }
  }

  private static void checkValue(RequestField header) throws HttpRequestException {
    var value = header.value();
    if (value.length() > MAX_VALUE_LENGTH) {
      throw HttpRequestException.badRequest(
          "the header '%s' must have at most %d bytes, had %d"
              .formatted(header.name(), MAX_VALUE_LENGTH, value.length()));
    }
    if (!HeaderSyntax.isValue(value)) {
      throw HttpRequestException.badRequest(
          "the header '%s' contains characters that are not visible ASCII"
              .formatted(header.name()));
    }
  }
}
