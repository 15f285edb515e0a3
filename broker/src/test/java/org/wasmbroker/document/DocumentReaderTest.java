package org.wasmbroker.document;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.testing.DamagedText;
import tools.jackson.databind.json.JsonMapper;

class DocumentReaderTest {
  private static final DocumentReader YAML = new DocumentReader(Syntax.YAML, 10_000, 20);
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 10_000, 20);

  @Test
  void yamlAndJsonGiveTheSameTree() {
    var yaml =
        """
        # A comment.
        text: "7"
        integer: 7
        large: 123456789012345678901234567890
        decimal: 1.50
        flag: true
        nothing:
        list: [1, {a: b}]
        """;
    var json =
        """
        {"text":"7","integer":7,"large":123456789012345678901234567890,"decimal":1.50,"flag":true,
         "nothing":null,"list":[1,{"a":"b"}]}
        """;

    assertThat(read(YAML, yaml).root())
        .isEqualTo(read(JSON, json).root())
        .isEqualTo(read(YAML, json).root());
    assertThat(read(JSON, json).root().toString()).isEqualTo(json.replaceAll("\n ?", ""));
  }

  @Test
  void scalarsAsTextKeepTheirSourceText() {
    assertThat(
            read(
                    YAML.withScalarsAsText(),
                    """
                    [007, 1_000, 0x10, "30s", 1.50, true, 1e999999999999]
                    """)
                .root())
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    "[\"007\",\"1_000\",\"0x10\",\"30s\",\"1.50\",\"true\",\"1e999999999999\"]"));
  }

  @Test
  void anEmptyDocumentIsMissing() {
    assertThat(read(YAML, "# nothing\n").root().isMissingNode()).isTrue();
    assertThat(read(JSON, " ").root().isMissingNode()).isTrue();
    assertThat(read(YAML, "---\n").root().isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: 1\\nb:\\n  a: 1\\n  a: 2 | file:4:3: /b/a: appears twice",
        "a: &x 1\\nb: *x | file:2:1: /b: is an alias (*), which is not supported; write the value out",
        "--- 1\\n--- 2 | file: is followed by a second document",
        "a: .nan | file:1:1: /a: is not a number that JSON has",
        "a: 1e88888888888 | file:1:1: /a: is a number with too many digits or too large an exponent",
        "a: !!binary aGk= | file:1:1: /a: is not a value that JSON has",
        "a: [1\\nb: 2 | file:2:2: is not valid YAML: while parsing a flow sequence, expected ',' or ']', but got :",
        "x/y: {~z: [0, {a: 1, a: 2}]} | file:1:22: /x~1y/~0z/1/a: appears twice",
      })
  void whatYamlOffersBeyondPlainDataIsRefused(String text, String problem) {
    assertThat(problems(YAML, text)).singleElement().asString().startsWith(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\\n \"a\":2} | file:2:2: /a: appears twice",
        "{} {} | file: is followed by a second document",
        "{\"a\":\\n1,} | file:2:3: is not valid JSON: Unexpected character ('}'",
        "{\"a\":1 | is not valid JSON: Unexpected end-of-input",
        "{\"a\":1e88888888888} | file:1:2: /a: is a number with too many digits or too large an exponent",
        "nonsense | file:1:",
      })
  void whatIsNotOneJsonDocumentIsRefused(String text, String problem) {
    assertThat(problems(JSON, text)).singleElement().asString().contains(problem);
  }

  @Test
  void allProblemsAreFoundAtOnceAndListedByLine() {
    assertThat(problems(YAML, "a: &x 1\nb: *x\nc: .inf\na: *x\n"))
        .containsExactly(
            "file:2:1: /b: is an alias (*), which is not supported; write the value out",
            "file:3:1: /c: is not a number that JSON has",
            "file:4:1: /a: is an alias (*), which is not supported; write the value out",
            "file:4:1: /a: appears twice");
  }

  @Test
  void theFirstOfTwoMembersWithOneNameIsKept() {
    assertThat(read(JSON, "{\"a\":1,\"a\":2}").root().get("a").intValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void anyNestingIsCutOff(Syntax syntax) {
    var reader = new DocumentReader(syntax, 1_000_000, 20);
    var most = "[".repeat(20) + "]".repeat(20);

    assertThat(problems(reader, most)).isEmpty();
    assertThat(problems(reader, "[" + most + "]"))
        .singleElement()
        .asString()
        .endsWith(": is nested deeper than 20 levels");
    assertThat(problems(reader, "[".repeat(100_000))).hasSize(1);
  }

  @Test
  void aDocumentThatIsTooLargeIsNotRead() {
    assertThat(problems(YAML, "#".repeat(10_001)))
        .containsExactly("file: has 10001 bytes; at most 10000 are allowed");
  }

  @Test
  void onlyUtf8IsRead() {
    assertThat(problems(YAML, "ä".getBytes(ISO_8859_1))).containsExactly("file: is not UTF-8");
    assertThat(problems(JSON, "{}".getBytes(UTF_16))).hasSize(1);
    assertThat(read(JSON, "\uFEFF{}").root().isObject()).isTrue();
  }

  @Test
  void withoutPositionsProblemsNameThePointerOnly() {
    assertThat(problems(JSON.withoutPositions(), "{\n\"a\":1,\"a\":2}"))
        .containsExactly("file: /a: appears twice");
    assertThat(problems(JSON.withoutPositions(), "{"))
        .singleElement()
        .asString()
        .startsWith("file: is not valid JSON: ");
  }

  @Test
  void whatAParserQuotesOfTheDocumentIsNotRepeated() {
    assertThat(problems(YAML, "password: geheim\nb: [geheim\n").toString())
        .contains("is not valid YAML")
        .doesNotContain("geheim");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0\1\2", "a: \u0007", "%YAML 9", "? : ?", "&a", "*a", "- -\t- x", "{,}"})
  void noTextMakesReadingFail(String text) {
    read(YAML, text);
    read(JSON, text);
  }

  /** Whatever the bytes of a damaged document are, reading them has a result. */
  @Test
  void noDamageMakesReadingFail() {
    var valid = "a: [1, {b: \"c\", d: 'e'}]\nf:\n  - &x g\n  - |\n    h\n".getBytes(UTF_8);
    var damaged = new DamagedText(11, valid);
    for (int i = 0; i < 20_000; i++) {
      var bytes = damaged.next();
      for (var reader : List.of(YAML, JSON, YAML.withScalarsAsText())) {
        for (var problem : reader.read("", bytes).problems()) {
          assertThat(problem.message()).isNotBlank().hasSizeLessThan(400);
          assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
        }
      }
    }
  }

  private static List<String> problems(DocumentReader reader, String text) {
    return problems(reader, text.replace("\\n", "\n").getBytes(UTF_8));
  }

  private static List<String> problems(DocumentReader reader, byte[] bytes) {
    return reader.read("file", bytes).problems().stream().map(Problem::toString).toList();
  }

  private static ParsedDocument read(DocumentReader reader, String text) {
    return reader.read("file", text.getBytes(UTF_8));
  }
}
