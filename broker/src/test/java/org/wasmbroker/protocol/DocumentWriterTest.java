package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

class DocumentWriterTest {
  @Test
  void membersAreSeparatedAndNested() {
    var id = UUID.fromString("0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b");
    assertThat(
            text(
                json ->
                    json.member("a", "x")
                        .start("b")
                        .start("c")
                        .end()
                        .member("d", true)
                        .member("e", List.of())
                        .member("f", List.of("1", "2"))
                        .end()
                        .member("g", id)
                        .member("h", (String) null)
                        .member("i", (Document) null)))
        .isEqualTo(
            """
            {"a":"x","b":{"c":{},"d":true,"e":[],"f":["1","2"]},\
            "g":"0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b","h":null,"i":null}\
            """);
    assertThat(text(_ -> {})).isEqualTo("{}");
  }

  @Test
  void documentsAndPartsOfThemAreCopiedByteForByte() {
    var document = Document.of("[1, {\"ü\" :2}]");
    assertThat(text(json -> json.member("a", document).member("b", document, 1, 2)))
        .isEqualTo("{\"a\":[1, {\"ü\" :2}],\"b\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain", "\"\\/", "\u0000\u001f\b\f\n\r\t\u007f", "ü ß € 漢 😀 x", "{", "a,"})
  void everyTextIsReadBackAsItWas(String value) {
    var read =
        JsonMapper.shared().readTree(text(json -> json.member(value, value).member("z", value)));
    assertThat(read.get(value).stringValue()).isEqualTo(value);
    assertThat(read.get("z").stringValue()).isEqualTo(value);
  }

  @Test
  void halfASurrogateIsAQuestionMark() {
    assertThat(text(json -> json.member("a", "x\ud83dy\ude00"))).isEqualTo("{\"a\":\"x?y?\"}");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7, 10, 99, 100, 1234567890, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void numbersAreWrittenInFull(long number) {
    assertThat(text(json -> json.member("a", number).member("b", number)))
        .isEqualTo("{\"a\":%1$d,\"b\":%1$d}".formatted(number));
  }

  @Test
  void aLargeDocumentNeitherFailsNorChangesTheNext() {
    var long1 = "ü".repeat(100_000);
    assertThat(text(json -> json.member("a", long1).member("b", Document.of("1"))))
        .isEqualTo("{\"a\":\"" + long1 + "\",\"b\":1}");
    assertThat(text(json -> json.member("a", 1))).isEqualTo("{\"a\":1}");
  }

  @Test
  void aDocumentThatFailsOrIsWrittenWithinAnotherLeavesTheOthersAsTheyAre() {
    assertThatThrownBy(
            () ->
                text(
                    json -> {
                      json.member("a", 1);
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(
            text(
                json -> {
                  json.member("a", 1);
                  json.member("b", DocumentWriter.object(inner -> inner.member("c", 2)));
                }))
        .isEqualTo("{\"a\":1,\"b\":{\"c\":2}}");
  }

  private static String text(Consumer<DocumentWriter> members) {
    return new String(DocumentWriter.object(members).bytes(), StandardCharsets.UTF_8);
  }
}
