package org.wasmbroker.hostile;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a step ended, as it is told to whoever asked for it.
 *
 * @param document status, and result or error, as {@code invoke} prints them
 * @param module the one that ran, as the receipt has it: handler, version and digest; null if
 *     nothing ran
 */
record Ending(JsonNode document, @Nullable String module) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** In message and context of an error: how much time its guest had used. */
  private static final Pattern NUMBER_USED =
      Pattern.compile("(?<=used )\\d+(?= ms of time)|(?<=\"used\":)\\d+");

  /**
   * Where a guest trapped. If a tick of the engine comes first, that is where its function begins.
   */
  private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-f]+");

  /** What a way in that lists its handlers says of one that it does not list. */
  static final Ending NOT_LISTED = new Ending(JSON.nullNode(), null);

  static JsonNode completed(JsonNode result) {
    var document = JSON.createObjectNode().put("status", "completed");
    document.set("result", result);
    return document;
  }

  /**
   * @param receipt as the result on a queue has it
   */
  static Ending of(JsonNode document, JsonNode receipt) {
    return receipt.path("digest").isString()
        ? new Ending(
            document,
            Stream.of("handler", "version", "digest")
                .map(member -> receipt.path(member).asString(""))
                .collect(Collectors.joining(" ")))
        : new Ending(document, null);
  }

  /** The document without what differs from run to run, for {@link JsonNode#equals}. */
  JsonNode comparable() {
    var error = document.path("error");
    if (error.path("context").path("limit").asString("").equals("time")) {
      return JSON.readTree(NUMBER_USED.matcher(document.toString()).replaceAll("0"));
    }
    return error.path("error_type").asString("").equals("trapped")
        ? JSON.readTree(ADDRESS.matcher(document.toString()).replaceAll("0x0"))
        : document;
  }

  String message() {
    return document.path("error").path("message").asString("");
  }

  /**
   * The type of the error, with its code if it has one; or {@code completed}, with the exit code of
   * a command unless that is 0.
   */
  String end() {
    var type = document.path("error").path("error_type");
    var code = document.path("metadata").path("error_code");
    int exitCode = document.path("result").path("exit_code").asInt(0);
    return type.isMissingNode()
        ? document.path("status").asString("") + (exitCode == 0 ? "" : "/" + exitCode)
        : type.asString("") + (code.isString() ? "/" + code.stringValue() : "");
  }
}
