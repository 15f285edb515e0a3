package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class StepMessageReaderTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final StepMessageSchema SCHEMA = new StepMessageSchema();
  private static final String UUID = "0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b";

  private static final String FULL =
      """
      {"step_uuid":"%1$s","task_uuid":"%1$s","correlation_id":"%1$s","name":"first",
       "handler":"transform","version":"1.2.3","config":{"filter":"."},"input":{"a":[1,2,{"b":"ü"}]},
       "deps":{"before":{"x":1}},"max_attempts":3,"timeout_ms":1000}\
      """
          .formatted(UUID);

  private static final List<String> MEMBERS =
      List.of(
          "step_uuid",
          "task_uuid",
          "correlation_id",
          "name",
          "handler",
          "version",
          "config",
          "input",
          "deps",
          "max_attempts",
          "timeout_ms");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "3.0",
          "3.5",
          "3e0",
          "1e2",
          "1e3",
          "100",
          "100.000",
          "101",
          "0.999999999999999999999999",
          "1.0000000000000000000000001",
          "86400000",
          "86400001",
          "8.64e7",
          "9223372036854775807",
          "9223372036854775808",
          "1e400",
          "-1e-400",
          "1e-400",
          "\"\"",
          "\" \"",
          "\"x\"",
          "\"X\"",
          "\"a-b_c9\"",
          "\"-a\"",
          "\"a-\"",
          "\"transform\\n\"",
          "\"tränsform\"",
          "\"1\"",
          "\"1.2\"",
          "\"01\"",
          "\"1.2.3.4\"",
          "\"1.2\\n\"",
          "\"1.\"",
          "\"9999999999\"",
          "\"999999999.0.0\"",
          "\"3\"",
          "\"" + UUID + "\"",
          "\"" + UUID.toUpperCase(java.util.Locale.ROOT) + "\"",
          "\"" + UUID + "\\n\"",
          "\"{" + UUID + "}\"",
          "\"" + UUID.replace("-", "") + "\"",
          "\"" + UUID.substring(1) + "\"",
          "\"" + UUID.replace('a', 'g') + "\"",
          "\"" + UUID.replace('1', '\u0661') + "\"",
          "\"1-1-1-1-1\"",
          "\"00000000-0000-0000-0000-000000000000\"",
          "\"" + "n".repeat(64) + "\"",
          "\"" + "n".repeat(65) + "\"",
          "\"" + "n".repeat(200) + "\"",
          "\"" + "n".repeat(201) + "\"",
          "\"" + "🜁".repeat(200) + "\"",
          "\"" + "🜁".repeat(201) + "\"",
          "[]",
          "[1]",
          "{}",
          "{\"a\":{\"b\":[]}}",
          "[[[[{\"deep\":[]}]]]]");

  static Stream<String> messages() {
    var messages = new ArrayList<String>();
    for (var member : MEMBERS) {
      messages.add(without(member));
      for (var value : VALUES) {
        messages.add(with(member, value));
      }
    }
    VALUES.forEach(value -> messages.add(value));
    VALUES.forEach(value -> messages.add(minimal(value)));
    for (var unknown : List.of("stepUuid", "handlers", "Config", "", " input", "x", "ünput")) {
      messages.add(with(unknown, "1"));
    }
    return messages.stream();
  }

  @Test
  void aHundredThousandLevelsAreRefusedByBoth() {
    var deep = with("input", "[".repeat(100_000) + "]".repeat(100_000));

    assertThat(StepMessageReader.read(Document.of(deep))).isNull();
    assertThat(new StepMessageSchema().problems(Document.of(deep)))
        .singleElement()
        .extracting(Problem::message)
        .isEqualTo("is nested deeper than 500 levels");
  }

  @Test
  void bothAcceptTheMaximumNesting() {
    int levels = JsonNesting.MAX_DEPTH - 1;
    assertSameVerdict(with("input", "[".repeat(levels) + "]".repeat(levels)));
    assertThat(
            StepMessageReader.read(
                Document.of(with("input", "[".repeat(levels) + "]".repeat(levels)))))
        .isNotNull();
    assertSameVerdict(with("input", "[".repeat(levels + 1) + "]".repeat(levels + 1)));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void readerAndSchemaGiveTheSameVerdict(String message) {
    assertSameVerdict(message);
  }

  @Test
  void readerAndSchemaAgreeOnDamagedTexts() {
    var random = new Random(20260102);
    for (int i = 0; i < 3000; i++) {
      var text = new StringBuilder(FULL);
      for (int damage = random.nextInt(3); damage >= 0 && !text.isEmpty(); damage--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.setCharAt(at, "\"{}[]:,0 a-\\n".charAt(random.nextInt(12)));
          default -> text.setLength(at + 1);
        }
      }
      assertSameVerdict(text.toString());
    }
  }

  @Test
  void readerAndSchemaAgreeOnUnparsableText() {
    assertSameVerdict("");
    assertSameVerdict(FULL + FULL);
    assertSameVerdict(FULL + "   ");
    assertSameVerdict(with("input", "[".repeat(2000) + "]".repeat(2000)));
    assertSameVerdict(with("max_attempts", "1".repeat(5000)));
    assertSameVerdict(with("max_attempts", "1e88888888888"));
  }

  @Test
  void aDuplicateMemberIsAProblemOfTextThatPostgresHasNotParsed() {
    assertThat(problems("{\"handler\":\"echo\"," + FULL.substring(1)).getFirst())
        .contains("handler");
  }

  @Test
  void everyMemberIsRead() {
    var message = read(FULL);
    assertThat(message.ids().step()).hasToString(UUID);
    assertThat(message.ids().task()).hasToString(UUID);
    assertThat(message.ids().correlation()).hasToString(UUID);
    assertThat(message.name()).isEqualTo("first");
    assertThat(message.handler()).hasToString("transform@1.2.3");
    assertThat(message.maxAttempts()).isEqualTo(3);
    assertThat(message.timeout()).isEqualTo(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void theInputIsCopiedByteForByte(String input) {
    for (var gap : List.of("", " ", "\n\t")) {
      var text =
          "{\"input\":%1$s%2$s%1$s,\"handler\":\"x\",\"step_uuid\":\"%3$s\"}"
              .formatted(gap, input, UUID);
      var bytes = Document.of(text);
      var slice = read(text).input();
      assertThat(
              new String(
                  bytes.bytes(),
                  slice.start(),
                  slice.end() - slice.start(),
                  java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo(input);
    }
  }

  static Stream<String> inputs() {
    return Stream.concat(
        VALUES.stream(),
        Stream.of(
            "\"ü🜁\\u00e9 \\\" quoted\"",
            "-0.0",
            "1E+5",
            "{\"a\" : [ 1 , 2 ] , \"ü\" : \"🜁\"}",
            "\"" + "long ".repeat(5000) + "\""));
  }

  @Test
  void aMisspeltMemberIsReportedWithTheNearestName() {
    assertThat(problems(with("configs", "{}")))
        .singleElement()
        .asString()
        .startsWith("/configs: is unknown; did you mean 'config'? (available: config, ");
    assertThat(problems(with("timout_ms", "1")))
        .singleElement()
        .asString()
        .startsWith("/timout_ms: is unknown; did you mean 'timeout_ms'? (available: ");
    assertThat(problems(with("entirely_else", "1")).getFirst())
        .startsWith("/entirely_else: is unknown; available: config, correlation_id,");
  }

  @Test
  void problemsNameTheLocationAndCarryNoControlCharacters() {
    assertThat(problems(with("max_attempts", "101")).getFirst())
        .contains("max_attempts")
        .contains("100");
    assertThat(problems(with("a\\u001b[31mb", "1")).getFirst()).doesNotContain("\u001b");
    assertThat(problems("nonsense").getFirst()).startsWith("is not valid JSON: ");
  }

  private static void assertSameVerdict(String message) {
    var problems = problems(message);
    assertThat(StepMessageReader.read(Document.of(message)) != null)
        .as("%s: %s", message, problems)
        .isEqualTo(problems.isEmpty());
  }

  private static List<String> problems(String message) {
    return SCHEMA.problems(Document.of(message)).stream().map(Problem::toString).toList();
  }

  private static StepMessage read(String message) {
    return java.util.Objects.requireNonNull(StepMessageReader.read(Document.of(message)));
  }

  private static String with(String member, String value) {
    return without(member)
        .replaceFirst(
            "\\{",
            java.util.regex.Matcher.quoteReplacement("{\"%s\":%s,".formatted(member, value)));
  }

  private static String without(String member) {
    JsonNode full = JSON.readTree(FULL);
    ((ObjectNode) full).remove(member);
    return JSON.writeValueAsString(full);
  }

  private static String minimal(String input) {
    return "{\"step_uuid\":\"%s\",\"handler\":\"echo\",\"input\":%s}".formatted(UUID, input);
  }
}
