package org.wasmbroker.egress;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills secrets into one request, for the target that was just checked. What is filled into a
 * header or a query cannot change more than that value: it is checked, or encoded, afterwards.
 */
final class Filling {
  private final RequestSecrets secrets;
  private final HttpTarget target;

  Filling(RequestSecrets secrets, HttpTarget target) {
    this.secrets = secrets;
    this.target = target;
  }

  /** What the guest wrote has no value of a secret that it has read. */
  static void checkLeaks(GuestRequest request, RequestSecrets secrets) throws HttpFailure {
    checkLeak(secrets, request.url());
    for (var field : request.query()) {
      checkLeak(secrets, field.name());
      checkLeak(secrets, field.value());
    }
    for (var field : request.headers()) {
      checkLeak(secrets, field.name());
      checkLeak(secrets, field.value());
    }
    switch (request.body()) {
      case RequestBody.None _ -> {}
      case RequestBody.Text(var text) -> checkLeak(secrets, text);
      case RequestBody.Json(var json) -> checkLeak(secrets, json.toString());
      case RequestBody.Bytes(var bytes) -> checkLeak(secrets, bytes.bytes());
    }
  }

  private static void checkLeak(RequestSecrets secrets, String text) throws HttpFailure {
    checkLeak(secrets, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void checkLeak(RequestSecrets secrets, byte[] text) throws HttpFailure {
    var leaked = secrets.leak(text);
    if (leaked.isPresent()) {
      throw HttpFailure.of(
          FailureType.SECRET_IN_OUTPUT,
          "secret",
          "the request has the value of the secret '%s', which belongs into {{secret:%s}}"
              .formatted(leaked.orElseThrow(), leaked.orElseThrow()));
    }
  }

  HttpUrl url(Hop hop) throws HttpFailure {
    try {
      return hop.url().withQuery(Hop.encoded(fields(hop.query())));
    } catch (IllegalArgumentException tooLong) {
      throw HttpFailure.badRequest(String.valueOf(tooLong.getMessage()));
    }
  }

  List<RequestField> headers(Hop hop) throws HttpFailure {
    var filled = fields(hop.headers());
    HeaderRules.check(filled);
    return filled;
  }

  byte @Nullable [] body(Hop hop) throws HttpFailure {
    return switch (hop.body()) {
      case RequestBody.None _ -> null;
      case RequestBody.Text(var text) -> fill(text).getBytes(StandardCharsets.UTF_8);
      case RequestBody.Json(var json) -> fill(json).toString().getBytes(StandardCharsets.UTF_8);
      case RequestBody.Bytes(var bytes) -> bytes.bytes();
    };
  }

  private List<RequestField> fields(List<RequestField> templates) throws HttpFailure {
    var filled = new ArrayList<RequestField>(templates.size());
    for (var field : templates) {
      filled.add(new RequestField(field.name(), fill(field.value())));
    }
    return filled;
  }

  private String fill(String text) throws HttpFailure {
    if (!RequestField.hasPlaceholder(text)) {
      return text;
    }
    try {
      return secrets.fill(text, target);
    } catch (SecretRefusedException refused) {
      throw HttpFailure.of(FailureType.NOT_ALLOWED, "secret", String.valueOf(refused.getMessage()))
          .retryable(refused.isRetryable());
    }
  }

  /** Names of members stay as they are. The depth is that of a document that was read. */
  private JsonNode fill(JsonNode json) throws HttpFailure {
    return switch (json) {
      case ObjectNode object -> {
        var filled = JsonNodeFactory.instance.objectNode();
        for (var member : object.properties()) {
          filled.set(member.getKey(), fill(member.getValue()));
        }
        yield filled;
      }
      case ArrayNode array -> {
        var filled = JsonNodeFactory.instance.arrayNode(array.size());
        for (var element : array) {
          filled.add(fill(element));
        }
        yield filled;
      }
      default ->
          json.isString() ? JsonNodeFactory.instance.stringNode(fill(json.stringValue())) : json;
    };
  }
}
