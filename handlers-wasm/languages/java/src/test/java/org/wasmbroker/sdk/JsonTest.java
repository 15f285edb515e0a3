package org.wasmbroker.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of JSON are read strictly and written back as they came. */
class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "-0.125e+3",
        "[]",
        "{}",
        "[ 1 , [2] ]",
        "{\"a\" : {\"b\":[null]}, \"a\":1}",
        "\"\\u00e9\\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "123456789012345678901234567890"
      })
  void aValueIsWrittenBackAsItCame(String text) {
    assertEquals(text, Json.parse(" \n\t" + text + "\r ").toString());
    assertEquals("[" + text + "]", Json.array(List.of(Json.parse(text))).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "-",
        "+1",
        "1e",
        "tru",
        "nulll",
        "1 2",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "]",
        "NaN"
      })
  void whatIsNoJsonIsRefused(String text) {
    var failure = assertThrows(Failure.class, () -> Json.parse(text));

    assertEquals("invalid_json", failure.type());
    assertTrue(failure.getMessage().startsWith("not JSON"), failure.getMessage());
  }

  @Test
  void levelsAreBounded() {
    assertTrue(Json.parse("[".repeat(200) + "]".repeat(200)).isArray());

    var failure = assertThrows(Failure.class, () -> Json.parse("[".repeat(201) + "]".repeat(201)));
    assertEquals("JSON of more than 200 levels", failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "\"\\/\b\f\n\r\t\u0000\u001f",
        "é語😀\uffff\u007f",
        "x\ud800",
        "\udc00y"
      })
  void aTextIsReadAsItWasWritten(String text) {
    assertEquals(text, Json.of(text).asText());
    assertEquals(text, Json.parse(Json.of(text).toBytes()).asText());
    assertEquals(text, Json.object().put(text, 1).build().members().keySet().iterator().next());
  }

  @ParameterizedTest
  @ValueSource(strings = {"é", "語", "😀", "a é 語 😀 z"})
  void textIsUtf8(String text) {
    assertEquals(text, Json.parse(('"' + text + '"').getBytes(UTF_8)).asText());
    assertEquals('"' + text + '"', new String(Json.of(text).toBytes(), UTF_8));
  }

  @Test
  void bytesThatAreNoUtf8BecomeReplacements() {
    int[][] wrong = {
      {0xff}, {0x80}, {0xc0, 0x80}, {0xe2, 0x82}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}
    };
    for (var bytes : wrong) {
      var text = new byte[bytes.length + 3];
      text[0] = '"';
      for (var i = 0; i < bytes.length; i++) {
        text[i + 1] = (byte) bytes[i];
      }
      text[text.length - 2] = 'a';
      text[text.length - 1] = '"';

      assertEquals("\ufffda", Json.parse(text).asText());
    }
  }

  @ParameterizedTest
  @CsvSource({"7, 7", "-0, 0", "5.0, 5", "1e3, 1000", "9223372036854775807, 9223372036854775807"})
  void aWholeNumberIsOneHoweverItIsWritten(String text, long value) {
    assertEquals(value, Json.parse(text).asLong());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "9223372036854775808", "1e300", "\"1\"", "true", "null", "[1]"})
  void whatIsNoWholeNumberIsRefused(String text) {
    assertThrows(Failure.class, () -> Json.parse(text).asLong());
  }

  @Test
  void whatDoesNotFitIsNamedWithItsPlace() {
    var json = Json.parse("{\"lines\": [{\"price\": 1}, {\"price\": \"dear\"}]}");
    var prices = new ArrayList<Json>();
    json.get("lines").elements().forEach(line -> prices.add(line.get("price")));

    assertEquals(1, prices.get(0).asLong());
    assertMessage("/lines/1/price: expected a number, was a text", () -> prices.get(1).asDouble());
    assertMessage("/lines: expected an object, was an array", () -> json.get("lines").get("x"));
    assertMessage(
        "/no/more: expected a text, there is none", () -> json.get("no").get("more").asText());
    assertMessage("/no: expected an array, there is none", () -> json.get("no").elements());
    assertMessage("the document: expected true or false, was an object", json::asBoolean);
  }

  private static void assertMessage(String message, Runnable reading) {
    assertEquals(message, assertThrows(Failure.class, reading::run).getMessage());
  }

  @Test
  void whatIsNotThereIsWhatIsGivenInstead() {
    var json = Json.parse("{\"none\": null, \"name\\u0073\": \"there\"}");

    assertEquals(7, json.get("none").asLong(7));
    assertEquals("x", json.get("absent").asText("x"));
    assertEquals("there", json.get("names").asText("x"));
    assertEquals("{\"a\":null}", Json.object().put("a", json.get("absent")).build().toString());
  }

  @Test
  void valuesAreEqualHoweverTheyAreWritten() {
    var one = Json.parse("{\"a\": [1, \"\\u0062\"], \"c\": {}}");
    var other = Json.parse("{\"c\":{ },\"a\":[1,\"b\"]}");

    assertEquals(one, other);
    assertEquals(one.hashCode(), other.hashCode());
    assertEquals(Json.NULL, one.get("absent"));
    assertNotEquals(Json.of("1"), Json.of(1));
    assertNotEquals(Json.of("null"), Json.NULL);
    assertFalse(one.equals(Json.parse("{\"a\": [1, \"b\"]}")));
  }

  @Test
  void anObjectIsBuiltOnce() {
    var builder = Json.object().put("a", 1);
    builder.build();

    assertThrows(IllegalStateException.class, () -> builder.put("b", 2));
    assertThrows(IllegalStateException.class, builder::build);
  }

  @Test
  void aNumberThatJsonHasNotIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Json.of(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Json.of(Double.POSITIVE_INFINITY));
  }
}
