package org.wasmbroker.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * Which headers a guest may set. Reserved are those that determine where a message goes, where it
 * ends or what becomes of the connection, which the broker sets from what it checked; and those
 * with which some servers override the checked method or path.
 */
final class HeaderRules {
  static final int MAX_HEADERS = 64;
  static final int MAX_VALUE_LENGTH = 8 << 10;
  static final int MAX_TOTAL_BYTES = 32 << 10;

  private static final int MAX_NAME_LENGTH = 100;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "upgrade",
          "http2-settings",
          "te",
          "trailer",
          "trailers",
          "expect",
          "via",
          "traceparent",
          "tracestate",
          "x-http-method",
          "x-http-method-override",
          "x-method-override",
          "x-original-url",
          "x-rewrite-url");
  private static final String RESERVED_PREFIX = "proxy-";

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
    if (!NAME.matcher(name).matches()) {
      throw HttpRequestException.badRequest(
          "'%s' is not a valid header name".formatted(SafeText.sanitize(name, MAX_NAME_LENGTH)));
    }
    var lower = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lower) || lower.startsWith(RESERVED_PREFIX)) {
      throw HttpRequestException.badRequest("the header '" + name + "' is reserved");
    }
  }

  /** Visible ASCII, spaces and tabs: no line breaks, and nothing that parsers disagree about. */
  private static void checkValue(RequestField header) throws HttpRequestException {
    var value = header.value();
    if (value.length() > MAX_VALUE_LENGTH) {
      throw HttpRequestException.badRequest(
          "the header '%s' must have at most %d bytes, had %d"
              .formatted(header.name(), MAX_VALUE_LENGTH, value.length()));
    }
    if (!value.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\t')) {
      throw HttpRequestException.badRequest(
          "the header '%s' contains characters that are not visible ASCII"
              .formatted(header.name()));
    }
  }
}
