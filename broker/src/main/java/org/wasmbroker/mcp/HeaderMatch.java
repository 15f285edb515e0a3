package org.wasmbroker.mcp;

import com.sun.net.httpserver.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * In the era without sessions, headers repeat a part of the message, so that what is between client
 * and server need not read it. They have to say the same, or one of the two would be deceived.
 */
final class HeaderMatch {
  private static final Map<String, String> NAMED =
      Map.of("tools/call", "name", "resources/read", "uri");
  private static final Pattern ENCODED = Pattern.compile("=\\?base64\\?(.*)\\?=");

  private HeaderMatch() {}

  /**
   * @throws RpcException if a header is missing or says something else
   */
  static void check(Headers headers, Message.Request request) {
    var meta = request.params().path("_meta");
    if (meta.path(Era.VERSION_KEY).isString()) {
      require(headers, HttpMessages.VERSION, meta.get(Era.VERSION_KEY).stringValue(), "version");
    }
    require(headers, "Mcp-Method", request.method(), "method");
    var member = NAMED.get(request.method());
    var name = member == null ? null : request.params().get(member);
    if (name != null && name.isString()) {
      require(headers, "Mcp-Name", name.stringValue(), String.valueOf(member));
    }
  }

  private static void require(Headers headers, String header, String value, String what) {
    var values = headers.get(header);
    if (values == null
        || values.size() != 1
        || !decoded(values.getFirst()).equals(Optional.of(value))) {
      throw new RpcException(
          RpcException.HEADER_MISMATCH,
          "the header %s must be there once and say the same as the %s of the message"
              .formatted(header, what));
    }
  }

  /** What a header says, which may be in base64; empty if that is not possible. */
  private static Optional<String> decoded(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    var encoded = ENCODED.matcher(header);
    if (!encoded.matches()) {
      return Optional.of(header);
    }
    try {
      var bytes = Base64.getDecoder().decode(encoded.group(1));
      return Base64.getEncoder().encodeToString(bytes).equals(encoded.group(1))
          ? Optional.of(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString())
          : Optional.empty();
    } catch (IllegalArgumentException | CharacterCodingException unreadable) {
      return Optional.empty();
    }
  }
}
