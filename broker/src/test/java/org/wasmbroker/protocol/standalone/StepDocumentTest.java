package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

class StepDocumentTest {
  private static final String UUID = "0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b";

  @Test
  void everyMemberOfTheMessageIsCopied() {
    assertSame(
        document(
            """
            {"step_uuid":"%1$s","task_uuid":"%1$s","correlation_id":"%1$s","handler":"transform",
             "config":{"filter":"."},"input":[1,"ü"],"deps":{"a":{"b":1}}}"""
                .formatted(UUID),
            "say \"hi\"\n"),
        """
        {"step":{"step_uuid":"%1$s","task_uuid":"%1$s","correlation_id":"%1$s",
           "name":"say \\"hi\\"\\n","handler":"transform","attempt":2,"max_attempts":3,
           "deadline_ms":1500,"inputs":{}},
         "task":{},"config":{"filter":"."},"context":[1,"ü"],"deps":{"a":{"b":1}},
         "prev":null,"checkpoint":null}"""
            .formatted(UUID));
  }

  @Test
  void missingMembersBecomeEmptyObjectsAndMissingIdsAreOmitted() {
    assertSame(
        document(
            "{\"step_uuid\":\"%s\",\"handler\":\"x\",\"task_uuid\":null}".formatted(UUID), "x"),
        """
        {"step":{"step_uuid":"%s","name":"x","handler":"x","attempt":2,"max_attempts":3,
           "deadline_ms":1500,"inputs":{}},
         "task":{},"config":{},"context":{},"deps":{},"prev":null,"checkpoint":null}"""
            .formatted(UUID));
  }

  @Test
  void aNullInputStaysNull() {
    var document =
        document("{\"step_uuid\":\"%s\",\"handler\":\"x\",\"input\":null}".formatted(UUID), "x");
    assertThat(document).contains("\"context\":null");
  }

  private static String document(String message, String name) {
    var source = Document.of(message);
    var step = Objects.requireNonNull(StepMessageReader.read(source));
    return StepDocument.of(step, name, new Attempt(2, 3), 1500, source).text();
  }

  private static void assertSame(String document, String expected) {
    var json = JsonMapper.shared();
    assertThat(json.readTree(document)).isEqualTo(json.readTree(expected));
  }
}
