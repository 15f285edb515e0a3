package org.wasmbroker.egress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Document;
import org.wasmbroker.url.HttpMethods;

/**
 * Reads a request document. Everything that the ABI does not define is refused; problems name the
 * member and never its value, which may be secret.
 */
final class RequestReader {
  private static final String SOURCE = "the request";
  private static final int MAX_DEPTH = 100;

  /** Beyond all limits: a longer one has the same effect. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofMillis(Integer.MAX_VALUE);

  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, MAX_DEPTH).withoutPositions();

  private final ObjectReader root;

  private RequestReader(ObjectReader root) {
    this.root = root;
  }

  static GuestRequest read(byte[] bytes) throws HttpRequestException {
    return read(bytes, null);
  }

  /**
   * @param written the body, if the guest wrote it beside the document
   */
  static GuestRequest read(byte[] bytes, @Nullable Document written) throws HttpRequestException {
    var document = JSON.read(SOURCE, bytes);
    if (document.root().isMissingNode() || startsWithByteOrderMark(bytes)) {
      // What a parser says quotes the document.
      throw HttpRequestException.badRequest(
          "%s: is not JSON in UTF-8 with at most %d levels".formatted(SOURCE, MAX_DEPTH));
    }
    if (!document.hasProblems()) {
      if (document.root().isObject()) {
        var request = new RequestReader(document.object()).read(written);
        if (!document.hasProblems()) {
          return request;
        }
      } else {
        document.problem("is not a JSON object");
      }
    }
    throw HttpRequestException.badRequest(Problem.join(document.problems()));
  }

  /** A file may have one, but what a guest writes must not: result documents have none either. */
  private static boolean startsWithByteOrderMark(byte[] bytes) {
    return bytes[0] < 0;
  }

  private GuestRequest read(@Nullable Document written) {
    var request =
        new GuestRequest(
            method(), url(), fields("headers"), fields("query"), body(written), timeout(), flag());
    root.finish();
    if (request.idempotencyKey() && request.hasHeader("idempotency-key")) {
      root.problem("idempotency_key", "must be absent if there is a header Idempotency-Key");
    }
    return request;
  }

  private String method() {
    var member = root.member("method");
    if (member == null) {
      return "GET";
    }
    var method = member.isText() ? member.json().stringValue() : "";
    if (!HttpMethods.isWellFormed(method)) {
      member.problem("must be a method in upper case, such as GET");
    } else if (HttpMethods.isForbidden(method)) {
      member.problem("must not be " + method + ", which is never sent");
    }
    return method;
  }

  private String url() {
    var member = root.member("url");
    if (member != null && member.isText()) {
      return member.json().stringValue();
    }
    root.problem("url", member == null ? "is missing" : "must be a string");
    return "";
  }

  private List<RequestField> fields(String name) {
    var fields = new ArrayList<RequestField>();
    var member = root.member(name);
    if (member == null) {
      return fields;
    }
    if (!member.json().isObject()) {
      member.problem("must be an object");
      return fields;
    }
    member
        .object()
        .entries()
        .forEach(
            (field, value) -> {
              for (var each : value.json().isArray() ? value.elements() : List.of(value)) {
                if (each.isText()) {
                  fields.add(new RequestField(field, each.json().stringValue()));
                } else {
                  each.problem("must be a string or an array of strings");
                }
              }
            });
    return fields;
  }

  private RequestBody body(@Nullable Document written) {
    if (written == null) {
      return body();
    }
    if (root.member("body") != null) {
      root.problem("body", "must be absent: the body is written in pieces");
    }
    return new RequestBody.Bytes(written);
  }

  private RequestBody body() {
    var member = root.member("body");
    if (member == null || member.json().isNull()) {
      return new RequestBody.None();
    }
    if (member.json().isObject() && member.json().size() == 1) {
      var body = member.object();
      var json = body.member("json");
      if (json != null) {
        return new RequestBody.Json(json.json());
      }
      var text = body.member("text");
      if (text != null && text.isText()) {
        return new RequestBody.Text(text.json().stringValue());
      }
      var base64 = body.member("base64");
      if (base64 != null && base64.isText()) {
        return base64(base64);
      }
    }
    member.problem("must have one member: 'text' or 'base64', a string, or 'json', any value");
    return new RequestBody.None();
  }

  private static RequestBody base64(DocumentValue value) {
    try {
      return new RequestBody.Bytes(
          Document.of(Base64.getDecoder().decode(value.json().stringValue())));
    } catch (IllegalArgumentException invalid) {
      value.problem("is not valid base64");
      return new RequestBody.None();
    }
  }

  private @Nullable Duration timeout() {
    var member = root.member("timeout_ms");
    if (member == null || member.json().isNull()) {
      return null;
    }
    var json = member.json();
    if (!json.isIntegralNumber() || json.bigIntegerValue().signum() < 1) {
      member.problem("must be an integer of at least 1");
      return null;
    }
    return json.canConvertToInt() ? Duration.ofMillis(json.intValue()) : LONGEST_TIMEOUT;
  }

  private boolean flag() {
    var member = root.member("idempotency_key");
    if (member == null) {
      return false;
    }
    if (!member.json().isBoolean()) {
      member.problem("must be true or false");
      return false;
    }
    return member.json().booleanValue();
  }
}
