package org.wasmbroker.testing;

import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;

/**
 * What a host answers to a request of a guest, given in advance. handlers-wasm/README.md describes
 * how answers are written.
 */
public sealed interface HostAnswer {
  /**
   * A response.
   *
   * @param head as docs/guest-abi.md says
   * @param body the bytes that arrive
   * @param broken why no more of the body arrives; null if it is complete
   */
  record Response(Document head, Document body, @Nullable Refusal broken) implements HostAnswer {}

  /**
   * No response, or no more of one.
   *
   * @param document the error document; empty if there is none
   */
  record Refusal(AbiError error, Document document) implements HostAnswer {}

  /** The answers of a recorded case. */
  static List<HostAnswer> read(JsonNode answers) {
    return StreamSupport.stream(answers.spliterator(), false).map(HostAnswer::readOne).toList();
  }

  /** As a recorded case has it. */
  default Map<String, Object> written() {
    var members = new LinkedHashMap<String, Object>();
    switch (this) {
      case Response(var head, var body, var broken) -> {
        members.put("head", head.text());
        members.put("body", writtenBytes(body));
        if (broken != null) {
          members.put("broken", broken.written());
        }
      }
      case Refusal(var error, var document) -> {
        members.put("code", error.code());
        members.put("error", document.text());
      }
    }
    return members;
  }

  private static HostAnswer readOne(JsonNode answer) {
    if (!answer.has("head")) {
      return readRefusal(answer);
    }
    var body = answer.path("body");
    return new Response(
        Document.of(answer.get("head").asString()),
        body.isMissingNode() ? Document.EMPTY : Document.of(RecordedCases.bytes(body)),
        answer.has("broken") ? readRefusal(answer.get("broken")) : null);
  }

  private static Refusal readRefusal(JsonNode refusal) {
    int code = refusal.get("code").asInt();
    var error =
        Arrays.stream(AbiError.values()).filter(one -> one.code() == code).findAny().orElseThrow();
    return new Refusal(error, Document.of(refusal.path("error").asString("")));
  }

  private static Object writtenBytes(Document bytes) {
    var text = bytes.text();
    return Document.of(text).equals(bytes)
        ? text
        : Map.of("base64", Base64.getEncoder().encodeToString(bytes.bytes()));
  }

  /** Answers to the requests of a step as a recorded case has them. */
  static List<Map<String, Object>> written(List<HostAnswer> answers) {
    return answers.stream().map(answer -> answer.written()).toList();
  }
}
