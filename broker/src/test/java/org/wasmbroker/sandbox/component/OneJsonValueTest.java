package org.wasmbroker.sandbox.component;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OneJsonValueTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "0",
        "-1.5e3",
        "\"\"",
        "\"}\"",
        "[]",
        "{}",
        " {\"a\":[1,{}]} ",
        "true\n",
        "\"\\\"}\""
      })
  void oneValueIsFine(String text) {
    assertThat(problem(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1},\"error\":{\"type\":\"x\"}| (byte 1)",
        "1,\"error\":2| (byte 1)",
        "{}}| (byte 2)",
        "1 2| (byte 2)",
        "1]| (byte 1)",
        "{\"a\":1| (byte 6)",
        "\"a| (byte 2)",
        "[1,]| (byte 3)",
        "NaN| (byte ",
        "'a'| (byte 0)",
        "01| (byte ",
        "1.| (byte ",
        "nul| (byte ",
        "/* a */1| (byte 0)",
        "1//| (byte ",
        "{a:1}| (byte 1)",
      })
  void anythingElseIsRefusedWithWhere(String text, String where) {
    assertThat(problem(text)).contains(where);
  }

  @Test
  void nothingIsNoValue() {
    assertThat(problem("")).isEqualTo("it is empty");
    assertThat(problem("  \n ")).isEqualTo("it is empty");
  }

  /** Other encodings of JSON would hide what is in them. */
  @Test
  void itIsUtf8() {
    for (var charset : new String[] {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"}) {
      var bytes = "[1]".getBytes(Charset.forName(charset));
      assertThat(OneJsonValue.problem(bytes, 0, bytes.length)).as(charset).isNotNull();
    }
    assertThat(problem("\uFEFF1")).isNotNull();
  }

  @Test
  void itIsNestedNoDeeperThanAResultMayBe() {
    assertThat(problem("[".repeat(100) + "]".repeat(100))).isNull();
    assertThat(problem("[".repeat(1_000_000))).contains("depth");
  }

  private static @Nullable String problem(String text) {
    var bytes = ("##" + text + "}\"#").getBytes(UTF_8);
    return OneJsonValue.problem(bytes, 2, bytes.length - 5);
  }
}
