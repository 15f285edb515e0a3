package org.wasmbroker.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What counts as a difference between two JSON values, and where it is. */
class JsonDifferencesTest {
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 1 << 20, 100);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1                        | 1.0
          100                      | 1e2
          -0                       | 0
          9007199254740993         | 9007199254740993.0
          {"a": 1, "b": [2]}       | {"b": [2.0], "a": 1}
          "text"                   | "text"
          null                     | null
          [[], {}]                 | [[], {}]
          """)
  void equalValuesHaveNone(String expected, String actual) {
    assertThat(differences(expected, actual)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          3                        | 4                  | : expected 3, was 4
          9007199254740993         | 9007199254740992   | : expected 9007199254740993, was 9007199254740992
          "1"                      | 1                  | : expected "1", was 1
          null                     | {}                 | : expected null, was {}
          []                       | {}                 | : expected [], was {}
          {"a": {"b": 1}}          | {"a": {"b": 2}}    | /a/b: expected 1, was 2
          {"a": null}              | {}                 | /a: expected null, was nothing
          {}                       | {"a/b": null}      | /a~1b: expected nothing, was null
          [1, 2, 3]                | [1, 3]             | /1: expected 2, was 3; /2: expected 3, was nothing
          [1]                      | [1, {"a": 2}]      | /1: expected nothing, was {"a":2}
          {"a": 1, "c": 3}         | {"b": 2, "c": 4}   | /a: expected 1, was nothing; /c: expected 3, was 4; /b: expected nothing, was 2
          """)
  void eachOneHasItsPlaceAndBothValues(String expected, String actual, String differences) {
    assertThat(
            differences(expected, actual).stream()
                .map(Difference::toString)
                .collect(Collectors.joining("; ")))
        .isEqualTo(differences);
  }

  @Test
  void aValueThatDiffersEverywhereHasTheFirstFifty() {
    var many =
        IntStream.range(1, 1000)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(",", "[", "]"));

    assertThat(differences(many, many.replace(",", "0,")))
        .hasSize(50)
        .first()
        .hasToString("/0: expected 1, was 10");
  }

  @Test
  void longValuesAndControlCharactersDoNotReachTheTerminal() {
    var difference =
        differences("\"" + "x".repeat(1000) + "\"", "\"\\u001b[31m\\u202e\"").getFirst();

    assertThat(difference.expectedText()).hasSizeLessThan(210).endsWith("…");
    assertThat(difference.actualText()).doesNotContain("\u001b", "\u202e");
  }

  private static List<Difference> differences(String expected, String actual) {
    return JsonDifferences.between(JsonPointer.ROOT, read(expected), read(actual));
  }

  private static JsonNode read(String json) {
    return JSON.read("", json.getBytes(UTF_8)).root();
  }
}
