package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The messages that the documents show are steps. */
class ExampleMessagesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern JSON_BLOCK = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  private final StepMessageSchema schema = new StepMessageSchema();

  @Test
  void everyExampleFileContainsOnlySteps() throws IOException {
    int messages = 0;
    try (var files = Files.newDirectoryStream(ROOT.resolve("docs/examples"), "*.{json,ndjson}")) {
      for (var file : files) {
        try (var values =
            JsonMapper.shared().readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
          while (values.hasNextValue()) {
            assertIsStep(file.toString(), values.nextValue().toString());
            messages++;
          }
        }
      }
    }
    assertThat(messages).isGreaterThanOrEqualTo(4);
  }

  @Test
  void theReadmesMessageIsAStep() throws IOException {
    var blocks = JSON_BLOCK.matcher(Files.readString(ROOT.resolve("README.md"))).results().toList();
    assertThat(blocks).isNotEmpty();
    for (var block : blocks) {
      assertIsStep("README.md", block.group(1));
    }
  }

  private void assertIsStep(String where, String message) {
    assertThat(schema.problems(Document.of(message))).as(where).isEmpty();
    assertThat(StepMessageReader.read(Document.of(message))).as(where).isNotNull();
  }
}
