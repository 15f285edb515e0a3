package org.wasmbroker.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Only what an example expects is rewritten; the rest of a manifest stays as it was written. */
class ManifestEditorTest {
  private static final String MANIFEST =
      """
      { "name" : "h",   "description": "ä \\"expect\\" 😀",
        "config_schema": {"examples": [{"name": "a", "expect": 1}]},
        "examples": [
          {"name": "a", "context": {"expect": 1}, "expect": {"result": [1,  2]}},
          { "expect": {
              "error": {"type": "x"}
            },
            "name": "b" }
        ],
        "version": "1.0.0" }
      """;

  @Test
  void theOtherBytesStay() {
    assertThat(edit(Map.of("a", json("{\"result\":3}"))))
        .isEqualTo(MANIFEST.replace("{\"result\": [1,  2]}", "{\"result\":3}"));
  }

  @Test
  void severalExpectationsAreReplacedWhereverTheyAre() {
    assertThat(edit(Map.of("a", json("{\"result\":1}"), "b", json("{\"result\":2}"))))
        .isEqualTo(
            MANIFEST
                .replace("{\"result\": [1,  2]}", "{\"result\":1}")
                .replaceFirst("\\{\n +\"error\".*\n +\\}", "{\"result\":2}"));
  }

  @Test
  void aLongOneIsIndentedAsItsLineIs() {
    var longText = "x".repeat(200);
    var edited = edit(Map.of("b", json("{\"result\":\"" + longText + "\"}")));

    assertThat(edited)
        .contains("{ \"expect\": {\n      \"result\" : \"" + longText + "\"\n    },\n");
  }

  @Test
  void aNameThatIsNotThereChangesNothing() {
    assertThat(edit(Map.of("c", json("1")))).isEqualTo(MANIFEST);
  }

  private static String edit(Map<String, JsonNode> expectations) {
    return ManifestEditor.withExpectations(MANIFEST, expectations);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
