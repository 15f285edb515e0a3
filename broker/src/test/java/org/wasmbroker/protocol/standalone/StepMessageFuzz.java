package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.protocol.standalone.StepMessage.Slice;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages of the standalone protocol. Whatever the bytes are, the reader says step or no step; of
 * JSON as Postgres hands it out it says what the schema says, and the guest's document has the
 * message's parts in it.
 */
public final class StepMessageFuzz implements FuzzTarget {
  private static final StepMessageSchema SCHEMA = new StepMessageSchema();
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        """
        {"step_uuid":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b","handler":"echo"}\
        """,
        """
        {"step_uuid":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b",
         "task_uuid":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6c",
         "correlation_id":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6d","name":"first",
         "handler":"transform","version":"1.2.3","config":{"filter":"."},
         "input":{"a":[1,2.50,{"b":"ü"}]},"deps":{"before":{"x":1e9}},"max_attempts":3,"timeout_ms":1000}\
        """,
        """
        {"step_uuid":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b","handler":"echo","task_uuid":null,"name":null,
         "version":null,"config":null,"deps":null,"input":null,"max_attempts":null,"timeout_ms":null}\
        """,
        """
        {"handler":"echo","step_uuid":"not one","max_attempts":101,"timeout_ms":-1,"surprise":true}\
        """);
  }

  @Override
  public void accept(byte[] input) {
    StepMessageReader.read(Document.of(input));
    var tree = asPostgresKeepsIt(input);
    if (tree == null) {
      return;
    }
    var message = Document.of(tree.toString());
    var step = StepMessageReader.read(message);
    var problems = SCHEMA.problems(message);
    assertThat(step != null).as("%s", problems).isEqualTo(problems.isEmpty());
    for (var problem : problems) {
      assertThat(problem.message()).isNotBlank();
      assertThat(problem.toString()).hasSizeLessThan(700);
      assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
    }
    if (step != null) {
      check(tree, step, message);
    }
  }

  private static void check(JsonNode tree, StepMessage step, Document message) {
    assertPart(tree, "config", message, step.config());
    assertPart(tree, "deps", message, step.deps());
    var name = step.name() == null ? step.handler().name() : step.name();
    var document =
        JSON.readTree(StepDocument.of(step, name, new Attempt(1, 3), 1000, message).bytes());
    assertThat(document.at("/step/name").stringValue()).isEqualTo(name);
    assertThat(document.at("/step/step_uuid").stringValue())
        .isEqualToIgnoringCase(tree.get("step_uuid").stringValue());
    assertThat(document.get("context"))
        .isEqualTo(tree.has("input") ? tree.get("input") : JSON.createObjectNode());
    assertThat(document.propertyNames())
        .containsExactlyInAnyOrder(
            "step", "task", "config", "context", "deps", "prev", "checkpoint");
  }

  private static void assertPart(JsonNode tree, String member, Document message, Slice slice) {
    var value = tree.path(member);
    if (value.isMissingNode() || value.isNull()) {
      assertThat(slice.isEmpty()).isTrue();
    } else {
      var cut = Arrays.copyOfRange(message.bytes(), slice.start(), slice.end());
      assertThat(JSON.readTree(cut)).isEqualTo(value);
    }
  }

  /** In the form that {@code jsonb} returns: UTF-8, no duplicate members. */
  private static @Nullable JsonNode asPostgresKeepsIt(byte[] input) {
    try {
      var tree = JSON.readTree(input);
      return JSON.readTree(JSON.writeValueAsBytes(tree));
    } catch (JacksonException | NumberFormatException noJson) {
      return null;
    }
  }
}
