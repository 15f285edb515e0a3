package org.wasmbroker.egress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.HttpMethods;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeType;

/** Reads a request document. Members that the ABI does not define are refused by name. */
final class RequestReader {
  private static final int MAX_DEPTH = 100;
  private static final Set<String> MEMBERS =
      Set.of("method", "url", "headers", "query", "body", "timeout_ms", "idempotency_key");
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private RequestReader() {}

  static GuestRequest read(byte[] document) throws HttpRequestException {
    var root = parse(document);
    if (!root.isObject()) {
      throw HttpRequestException.badRequest("the request is no JSON object");
    }
    for (var name : root.propertyNames()) {
      if (!MEMBERS.contains(name)) {
        throw HttpRequestException.badRequest(
            "the request has no member '%s'%s"
                .formatted(
                    SafeText.sanitize(name, 50),
                    NearestName.of(name, MEMBERS)
                        .map(near -> "; '" + near + "' is one")
                        .orElse("")));
      }
    }
    var request =
        new GuestRequest(
            method(root.get("method")),
            url(root.get("url")),
            fields("headers", root.get("headers")),
            fields("query", root.get("query")),
            body(root.get("body")),
            timeout(root.get("timeout_ms")),
            flag(root.get("idempotency_key")));
    if (request.idempotencyKey() && request.hasHeader("idempotency-key")) {
      throw HttpRequestException.badRequest(
          "the request has an Idempotency-Key, and asks for another");
    }
    return request;
  }

  private static JsonNode parse(byte[] document) throws HttpRequestException {
    if (document.length < 2 || document[0] <= 0 || document[1] == 0) {
      throw HttpRequestException.badRequest("the request is no JSON in UTF-8");
    }
    try {
      return JSON.readTree(document);
    } catch (JacksonException broken) {
      throw HttpRequestException.badRequest(
          "the request is no JSON that the broker reads (byte %d)"
              .formatted(broken.getLocation() == null ? 0 : broken.getLocation().getByteOffset()));
    } catch (NumberFormatException beyond) {
      throw HttpRequestException.badRequest("the request has a number with too large an exponent");
    }
  }

  private static String method(@Nullable JsonNode node) throws HttpRequestException {
    if (node == null) {
      return "GET";
    }
    var method = node.isString() ? node.stringValue() : "";
    if (!HttpMethods.isWellFormed(method)) {
      throw HttpRequestException.badRequest("'method' is a method in upper case, such as GET");
    }
    if (HttpMethods.isForbidden(method)) {
      throw HttpRequestException.badRequest("the method " + method + " is never sent");
    }
    return method;
  }

  private static String url(@Nullable JsonNode node) throws HttpRequestException {
    if (node == null || !node.isString()) {
      throw HttpRequestException.badRequest("'url' is a string, and needed");
    }
    return node.stringValue();
  }

  private static List<RequestField> fields(String memberName, @Nullable JsonNode node)
      throws HttpRequestException {
    var fields = new ArrayList<RequestField>();
    if (node == null) {
      return fields;
    }
    if (!node.isObject()) {
      throw HttpRequestException.badRequest("'" + memberName + "' is an object");
    }
    for (var member : node.properties()) {
      var values = member.getValue();
      for (var value : values.isArray() ? values : List.of(values)) {
        if (!value.isString()) {
          throw HttpRequestException.badRequest(
              "'%s' has strings and arrays of strings, and '%s' is neither"
                  .formatted(memberName, SafeText.sanitize(member.getKey(), 50)));
        }
        fields.add(new RequestField(member.getKey(), value.stringValue()));
      }
    }
    return fields;
  }

  private static RequestBody body(@Nullable JsonNode node) throws HttpRequestException {
    if (node == null || node.isNull()) {
      return new RequestBody.None();
    }
    if (node.isObject() && node.size() == 1) {
      var member = node.properties().iterator().next();
      var value = member.getValue();
      switch (member.getKey()) {
        case "json" -> {
          return new RequestBody.Json(value);
        }
        case "text" -> {
          if (value.getNodeType() == JsonNodeType.STRING) {
            return new RequestBody.Text(value.stringValue());
          }
        }
        case "base64" -> {
          if (value.getNodeType() == JsonNodeType.STRING) {
            return new RequestBody.Bytes(Document.of(base64(value.stringValue())));
          }
        }
        default -> {
          // refused below
        }
      }
    }
    throw HttpRequestException.badRequest(
        "'body' has one member: 'text' or 'base64', a string, or 'json', anything");
  }

  private static byte[] base64(String text) throws HttpRequestException {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException broken) {
      throw HttpRequestException.badRequest("'body.base64' is no base64");
    }
  }

  private static @Nullable Duration timeout(@Nullable JsonNode node) throws HttpRequestException {
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw HttpRequestException.badRequest("'timeout_ms' is a whole number, 1 at least");
    }
    return Duration.ofMillis(node.intValue());
  }

  private static boolean flag(@Nullable JsonNode node) throws HttpRequestException {
    if (node == null) {
      return false;
    }
    if (!node.isBoolean()) {
      throw HttpRequestException.badRequest("'idempotency_key' is true or false");
    }
    return node.booleanValue();
  }
}
