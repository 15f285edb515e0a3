package org.wasmbroker.testing;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What scripts have to do in the handler {@code javascript}: {@code
 * handlers-wasm/javascript/cases}, which handlers-wasm/README.md describes.
 */
public final class JavaScriptCases {
  private static final Path CASES = Path.of("..", "handlers-wasm", "javascript", "cases");
  private static final Set<String> DOCUMENT = Set.of("context", "deps", "prev", "checkpoint");
  private static final JsonMapper JSON = JsonMapper.shared();

  private JavaScriptCases() {}

  /**
   * One case.
   *
   * @param expected the result document; of an error, only the members that it has count; null if
   *     it only must complete
   */
  public record Case(String name, Document document, JsonNode expected) {
    /** Whether an output is as expected. */
    public boolean isAnswer(String output) {
      var actual = JSON.readTree(output);
      if (expected.isNull()) {
        return actual.at("/status").stringValue().equals("completed");
      }
      if (!expected.has("error")) {
        return actual.equals(expected);
      }
      return actual.at("/status").equals(expected.at("/status"))
          && expected.at("/error").properties().stream()
              .allMatch(
                  member -> member.getValue().equals(actual.at("/error").path(member.getKey())));
    }
  }

  public static List<Case> all() {
    var cases = new ArrayList<Case>();
    try (var files = Files.newDirectoryStream(CASES, "*.json")) {
      for (var file : files) {
        for (var one : JSON.readTree(Files.readAllBytes(file))) {
          var name = file.getFileName() + ": " + one.get("name").asString();
          cases.add(new Case(name, document(one), one.get("expect")));
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return List.copyOf(cases);
  }

  private static Document document(JsonNode one) {
    var config = JSON.createObjectNode();
    if (!one.get("script").isNull()) {
      config.set("script", script(one.get("script")));
    }
    one.path("config")
        .properties()
        .forEach(member -> config.set(member.getKey(), member.getValue()));
    var document = new StringBuilder("{\"step\":{\"name\":\"s\",\"attempt\":1},\"config\":");
    document.append(config);
    one.properties().stream()
        .filter(member -> DOCUMENT.contains(member.getKey()))
        .forEach(
            member -> document.append(",\"%s\":%s".formatted(member.getKey(), member.getValue())));
    if (one.has("deepContext")) {
      document.append(",\"context\":").append(repeated(one.get("deepContext")));
    }
    return Document.of(document.append('}').toString());
  }

  /** A text, its lines, or what is repeated in it; anything else as it is. */
  private static JsonNode script(JsonNode script) {
    if (script.isArray()) {
      return JSON.valueToTree(
          script.valueStream().map(JsonNode::stringValue).collect(joining("\n")));
    }
    return script.has("times") ? JSON.valueToTree(repeated(script)) : script;
  }

  private static String repeated(JsonNode parts) {
    int times = parts.get("times").intValue();
    return parts.path("before").asString("")
        + parts.path("open").asString("").repeat(times)
        + parts.path("middle").asString("")
        + parts.path("close").asString("").repeat(times)
        + parts.path("after").asString("");
  }
}
