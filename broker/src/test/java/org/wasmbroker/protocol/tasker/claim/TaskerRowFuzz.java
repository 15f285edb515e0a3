package org.wasmbroker.protocol.tasker.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow.TemplateKey;
import org.wasmbroker.protocol.tasker.claim.StepAssembler.Assembled.Finished;
import org.wasmbroker.protocol.tasker.claim.StepAssembler.Assembled.Ready;
import org.wasmbroker.protocol.tasker.claim.TemplateCache.CachedTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.step.Document;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of Tasker's tables: each line of the input is one of the row's JSON columns, the last ones
 * are names, and its size chooses the numbers. Every row becomes a step whose document contains the
 * row's values, and its inputs merged over the template's configuration.
 */
public final class TaskerRowFuzz implements FuzzTarget {
  private static final UUID ID = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
  private static final TemplateKey KEY = new TemplateKey(ID, "1");

  /** Columns of numbers and times have their edges, chosen by the size of the input. */
  private static final List<Integer> COUNTS = List.of(0, 3, Integer.MAX_VALUE - 1, -1);

  private static final List<Instant> TIMES = List.of(Instant.EPOCH, Instant.MIN, Instant.MAX);
  private static final List<Optional<Integer>> LOST_STARTS =
      List.of(Optional.empty(), Optional.of(0), Optional.of(Integer.MAX_VALUE));

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final String CONFIG = "{\"filter\":\".\",\"a\\\"b\":[1,{\"c\":null}]}";
  private static final CachedTemplate TEMPLATE =
      new CachedTemplate.Valid(
          new PreparedTemplate(
              TemplateReader.readStored(
                  Document.of(
                      """
                      {"name":"orders","namespace_name":"shop","version":"1.0.0","steps":[{"name":"price",
                       "handler":{"callable":"transform","initialization":%s}}]}\
                      """
                          .formatted(CONFIG)))));

  private final StepAssembler assembly = new StepAssembler(Duration.ofSeconds(30));

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        "{}\nnull\n{}\n{}\norders",
        """
        {"filter":"x","a\\"b":1,"ü":{"d":[]}}
        {"cursor":5}
        {"a":{"b":"\\ud83d\\ude00"}}
        {"before":{"x":1.50}}
        n "quoted" \\\
        """,
        "{\"filter\":\"x\",\"a\":{\"b\":\"\\ud03d\\ude00\"}}\n\n\n\nhalf of a pair",
        "\n\n\n\n");
  }

  @Override
  public void accept(byte[] input) {
    var lines = new String(input, StandardCharsets.UTF_8).split("\n", -1);
    var inputs = object(lines, 0);
    var checkpoint = object(lines, 1);
    var context = object(lines, 2);
    var results = object(lines, 3);
    var name = lines[lines.length - 1];
    var row =
        new ClaimedRow(
            1,
            TIMES.get(input.length % TIMES.size()),
            ID,
            ID,
            ID,
            ID,
            name,
            "price",
            COUNTS.get(input.length % COUNTS.size()),
            COUNTS.get(input.length / 2 % COUNTS.size()),
            true,
            text(inputs),
            text(checkpoint),
            text(context),
            text(results),
            KEY,
            name,
            name,
            name,
            null,
            LOST_STARTS.get(input.length % LOST_STARTS.size()).orElse(null),
            name);
    switch (assembly.assemble(row, Map.of(KEY, TEMPLATE))) {
      case Finished settled -> throw new AssertionError("not to be run: " + settled.outcome());
      case Ready(var step) -> {
        assertThat(step.attempt().number()).isPositive();
        assertThat(step.attempt().max()).isPositive();
        assertThat(step.claim().lostStarts()).isNotNegative();
        var document = JSON.readTree(step.document().bytes());
        assertThat(document.get("config")).isEqualTo(overlay(inputs));
        assertThat(document.get("context")).isEqualTo(orEmpty(context));
        assertThat(document.get("deps")).isEqualTo(orEmpty(results));
        assertThat(document.get("checkpoint"))
            .isEqualTo(checkpoint == null ? JSON.getNodeFactory().nullNode() : checkpoint);
        assertThat(document.at("/task/name")).isEqualTo(document.at("/step/name"));
      }
    }
  }

  private static JsonNode overlay(@Nullable ObjectNode inputs) {
    var config = (ObjectNode) JSON.readTree(CONFIG);
    return inputs == null ? config : config.setAll(inputs);
  }

  private static JsonNode orEmpty(@Nullable ObjectNode node) {
    return node == null ? JSON.createObjectNode() : node;
  }

  /** The object in that line in the form that {@code jsonb} would store; null for anything else. */
  private static @Nullable ObjectNode object(String[] lines, int line) {
    try {
      return line < lines.length
              && JSON.readTree(lines[line]) instanceof ObjectNode object
              && isUnicode(object.toString())
          ? (ObjectNode) JSON.readTree(object.toString())
          : null;
    } catch (JacksonException | NumberFormatException noJson) {
      return null;
    }
  }

  /** {@code jsonb} does not store unpaired surrogates, nor can UTF-8 represent them. */
  private static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static @Nullable String text(@Nullable ObjectNode node) {
    return node == null ? null : node.toString();
  }
}
