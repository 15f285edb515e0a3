package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.wasmbroker.execution.ResultDocument.Checkpointed;
import org.wasmbroker.execution.ResultDocument.Completed;
import org.wasmbroker.execution.ResultDocument.Failed;
import org.wasmbroker.execution.ResultDocument.Invalid;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.step.Document;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Results of guests. What is accepted is JSON that Postgres takes as {@code jsonb}, numbers beyond
 * its bounds aside, and what was cut out of it is the value that another parser finds there.
 */
public final class ResultDocumentFuzz implements FuzzTarget {
  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** As Postgres stores it, without duplicate members. */
  private static final JsonMapper LENIENT =
      STRICT.rebuild().disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        """
        {"status":"completed","result":{"a":[1,-2.5e3,true,null],"b":{"c":"\\u00fc \\ud83d\\ude00"}}}""",
        "{\"status\":\"completed\",\"result\":null}",
        "{\"result\":\"ü\uD83D\uDE00\\\\u0000\",\"status\":\"completed\"}",
        """
        {"status":"failed","error":{"type":"not_found","message":"no\\nsuch","retryable":true,\
        "code":"E1","retry_after_ms":1000,"context":{"id":7}}}""",
        "{\"status\":\"failed\",\"error\":{\"type\":\"x\",\"message\":\"\",\"code\":null}}",
        """
        {"status":"checkpoint","cursor":{"at":5},"items_processed":100,\
        "accumulated_results":{"sum":1}}""",
        "{\"status\":\"completed\",\"result\":\"\\u0000\"}",
        "{\"status\":\"completed\",\"result\":\"\\ud83d\"}",
        "{\"status\":\"completed\",\"result\":{\"a\":1,\"a\":2}}",
        "{\"status\":\"completed\",\"result\":" + "[".repeat(98) + "]".repeat(98) + "}",
        "{\"status\":\"completed\",\"result\":1} ");
  }

  @Override
  public void accept(byte[] input) throws Exception {
    var output = Document.of(input.clone());
    var read = ResultReader.read(output);
    assertThat(output.bytes()).as("the bytes are not written to").isEqualTo(input);
    switch (read) {
      case Invalid(var problem) -> {
        assertThat(problem.message()).isNotBlank();
        assertThat(problem.toString()).hasSizeLessThan(500);
        assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
      }
      case Completed(var result) -> {
        assertThat(tree(input).get("status").stringValue()).isEqualTo("completed");
        assertSame(input, "/result", result);
      }
      case Failed(var error) -> {
        var written = tree(input).get("error");
        assertThat(tree(input).get("status").stringValue()).isEqualTo("failed");
        assertThat(error.type()).isNotBlank();
        assertThat(error.message().chars()).noneMatch(Character::isISOControl);
        assertThat(error.retryable()).isEqualTo(written.path("retryable").asBoolean(false));
        if (error.context() != null) {
          assertSame(input, "/error/context", error.context().document());
        }
      }
      case Checkpointed(var checkpoint) -> {
        assertThat(checkpoint.itemsProcessed()).isNotNegative();
        assertSame(input, "/cursor", checkpoint.cursor());
        if (checkpoint.accumulated() != null) {
          assertSame(input, "/accumulated_results", checkpoint.accumulated());
        }
      }
    }
  }

  private static JsonNode tree(byte[] input) throws Exception {
    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input));
    var tree = LENIENT.readTree(input);
    assertStorable(tree);
    return tree;
  }

  private static void assertSame(byte[] input, String pointer, Document cut) throws Exception {
    assertThat(LENIENT.readTree(cut.bytes())).isEqualTo(tree(input).at(pointer));
  }

  private static void assertStorable(JsonNode node) {
    if (node.isString()) {
      assertStorable(node.stringValue());
    } else if (node.isObject()) {
      node.propertyNames().forEach(ResultDocumentFuzz::assertStorable);
    }
    node.forEach(ResultDocumentFuzz::assertStorable);
  }

  private static void assertStorable(String text) {
    assertThat(text.indexOf('\0')).as("the character zero").isNegative();
    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(text)).as("%s", text).isTrue();
  }
}
