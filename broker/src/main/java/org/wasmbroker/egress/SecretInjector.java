package org.wasmbroker.egress;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.url.HttpTarget;
import org.wasmbroker.url.HttpUrl;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills secrets into one request, for the target that was just authorized. A secret cannot change
 * more than the value it is filled into: headers are checked and query parameters encoded
 * afterwards.
 */
final class SecretInjector {
  private final StepSecrets secrets;
  private final HttpTarget target;

  SecretInjector(StepSecrets secrets, HttpTarget target) {
    this.secrets = secrets;
    this.target = target;
  }

  /** Refuses a request in which the guest wrote the value of a secret. */
  static void checkLeaks(GuestRequest request, StepSecrets secrets) throws HttpRequestException {
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

  private static void checkLeak(StepSecrets secrets, String text) throws HttpRequestException {
    checkLeak(secrets, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void checkLeak(StepSecrets secrets, byte[] text) throws HttpRequestException {
    var leak = secrets.findLeak(text, "a request").orElse(null);
    if (leak != null) {
      throw HttpRequestException.of(
          FailureType.SECRET_IN_OUTPUT,
          "secret",
          "the request contains the value of secret '%1$s'; use the placeholder {{secret:%1$s}}"
              .formatted(leak.name()));
    }
  }

  HttpUrl url(Hop hop) throws HttpRequestException {
    try {
      return hop.url().withAppendedQuery(Hop.encodeQuery(injectAll(hop.query())));
    } catch (IllegalArgumentException tooLong) {
      throw HttpRequestException.badRequest(String.valueOf(tooLong.getMessage()));
    }
  }

  List<RequestField> headers(Hop hop) throws HttpRequestException {
    var injected = injectAll(hop.headers());
    HeaderRules.check(injected);
    return injected;
  }

  byte @Nullable [] body(Hop hop) throws HttpRequestException {
    return switch (hop.body()) {
      case RequestBody.None _ -> null;
      case RequestBody.Text(var text) -> inject(text).getBytes(StandardCharsets.UTF_8);
      case RequestBody.Json(var json) -> inject(json).toString().getBytes(StandardCharsets.UTF_8);
      case RequestBody.Bytes(var bytes) -> bytes.bytes();
    };
  }

  private List<RequestField> injectAll(List<RequestField> templates) throws HttpRequestException {
    var injected = new ArrayList<RequestField>(templates.size());
    for (var field : templates) {
      injected.add(new RequestField(field.name(), inject(field.value())));
    }
    return injected;
  }

  private String inject(String text) throws HttpRequestException {
    if (!RequestField.hasPlaceholder(text)) {
      return text;
    }
    try {
      return secrets.fill(text, target);
    } catch (CallRefusedException refused) {
      throw HttpRequestException.of(FailureType.NOT_ALLOWED, "secret", refused.message())
          .withRetryable(refused.error() == AbiError.IO);
    }
  }

  /** Member names are not filled. The reader has limited the nesting depth. */
  private JsonNode inject(JsonNode json) throws HttpRequestException {
    return switch (json) {
      case ObjectNode object -> {
        var injected = JsonNodeFactory.instance.objectNode();
        for (var member : object.properties()) {
          injected.set(member.getKey(), inject(member.getValue()));
        }
        yield injected;
      }
      case ArrayNode array -> {
        var injected = JsonNodeFactory.instance.arrayNode(array.size());
        for (var element : array) {
          injected.add(inject(element));
        }
        yield injected;
      }
      default ->
          json.isString() ? JsonNodeFactory.instance.stringNode(inject(json.stringValue())) : json;
    };
  }
}
