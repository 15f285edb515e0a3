package org.wasmbroker.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * Which headers a guest may set. Not those that say where a message goes, where it ends, or what
 * becomes of the connection: the broker sets them itself, from what it checked. And not those by
 * which some servers take another method or path than the request line's, which was checked.
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

  /** Refuses headers that are not the guest's to set, and what is no header. */
  static void check(List<RequestField> headers) throws HttpRequestException {
    if (headers.size() > MAX_HEADERS) {
      throw HttpRequestException.badRequest(
          "a request has at most %d headers, had %d".formatted(MAX_HEADERS, headers.size()));
    }
    long bytes = 0;
    for (var header : headers) {
      checkName(header.name());
      checkValue(header);
      bytes += header.name().length() + header.value().length() + 4L;
    }
    if (bytes > MAX_TOTAL_BYTES) {
      throw HttpRequestException.badRequest(
          "the headers have at most %d bytes, had %d".formatted(MAX_TOTAL_BYTES, bytes));
    }
  }

  private static void checkName(String name) throws HttpRequestException {
    if (!NAME.matcher(name).matches()) {
      throw HttpRequestException.badRequest(
          "'%s' is no name of a header".formatted(SafeText.sanitize(name, MAX_NAME_LENGTH)));
    }
    var lower = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lower) || lower.startsWith(RESERVED_PREFIX)) {
      throw HttpRequestException.badRequest("the header '" + name + "' is not the guest's to set");
    }
  }

  /** Visible ASCII, spaces and tabs: no line breaks, and nothing that two readers read as two. */
  private static void checkValue(RequestField header) throws HttpRequestException {
    var value = header.value();
    if (value.length() > MAX_VALUE_LENGTH) {
      throw HttpRequestException.badRequest(
          "the header '%s' has at most %d bytes, had %d"
              .formatted(header.name(), MAX_VALUE_LENGTH, value.length()));
    }
    if (!value.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\t')) {
      throw HttpRequestException.badRequest(
          "the header '%s' has characters that are not visible ASCII".formatted(header.name()));
    }
  }
}
