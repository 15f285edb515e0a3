package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.StepError;

class ResultReaderTest {

  @Test
  void theErrorDocumentOfARequestCanBePassedOnAsItIs() {
    var document =
        """
        {"status":"failed","error":{"type":"timeout","message":"late","retryable":false,"sent":true}}
        """;

    assertThat(read(document)).isInstanceOf(ResultDocument.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "31536000001",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999"
      })
  void aLongRetryDelayIsCappedAndDoesNotMakeTheDocumentInvalid(String millis) {
    var document =
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retry_after_ms\":%s}}"
            .formatted(millis);

    assertThat(ResultReader.read(Document.of(document)))
        .isInstanceOfSatisfying(
            ResultDocument.Failed.class,
            failed -> assertThat(failed.error().retryAfter()).isEqualTo(Duration.ofDays(365)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ \"b\" : [1, 2.50, -3e2] ,\"a\":{\"x\":null} }",
        "[]",
        "\"text \\\" with \\\\ and \\u00e9 \\ud83d\\ude00\"",
        "\"Ünïcode 日本語 🎉\"",
        "0",
        "-12.500",
        "1E400",
        "123456789012345678901234567890",
        "true",
        "false",
        "null"
      })
  void theResultIsExtractedByteForByte(String result) {
    for (var shape :
        List.of(
            "{\"status\":\"completed\",\"result\":%s}",
            "{\"result\":%s,\"status\":\"completed\"}",
            " {\n\t\"status\" : \"completed\" , \"result\" :\r\n %s \n} \n")) {
      assertThat(read(shape.formatted(result)))
          .isEqualTo(new ResultDocument.Completed(Document.of(result)));
    }
  }

  @Test
  void aFailureIsReadWithAllMembers() {
    assertThat(
            read(
                """
                {"status":"failed","error":{"type":"unexpected_status","message":"it said 503",
                "retryable":true,"code":"503","retry_after_ms":1500,"context":{"url": "x"}}}
                """))
        .isEqualTo(
            new ResultDocument.Failed(
                new StepError(
                    "unexpected_status",
                    "it said 503",
                    true,
                    "503",
                    Duration.ofMillis(1500),
                    List.of(),
                    new ErrorContext.Json(Document.of("{\"url\": \"x\"}")))));
  }

  @Test
  void anErrorNeedsOnlyTypeAndMessage() {
    assertThat(
            read(
                "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"code\":null}}"))
        .isEqualTo(new ResultDocument.Failed(StepError.permanent("t", "m")));
  }

  @Test
  void guestTextIsTruncatedAndStrippedOfControlCharacters() {
    var document =
        read(
            "{\"status\":\"failed\",\"error\":{\"type\":\"t\\u001b[31m\",\"message\":\"%s\"}}"
                .formatted("x".repeat(10_000)));

    var error = ((ResultDocument.Failed) document).error();
    assertThat(error.type()).isEqualTo("t [31m");
    assertThat(error.message()).hasSize(4001);
  }

  @Test
  void aCheckpointIsRead() {
    assertThat(
            read(
                "{\"status\":\"checkpoint\",\"cursor\":{\"a\":1},\"items_processed\":3,\"accumulated_results\":[]}"))
        .isEqualTo(
            new ResultDocument.Checkpointed(
                new Checkpoint(Document.of("{\"a\":1}"), 3, Document.of("[]"))));
  }

  @Test
  void aCheckpointNeedsOnlyACursor() {
    assertThat(read("{\"cursor\":\"x\",\"status\":\"checkpoint\"}"))
        .isEqualTo(new ResultDocument.Checkpointed(new Checkpoint(Document.of("\"x\""), 0, null)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hello | : is not valid JSON: Unrecognized token",
        "{\"status\":\"completed\",\"result\":{ | : is not valid JSON: Unexpected end-of-input",
        "{\"status\":\"completed\",\"result\":{}} x | : is not valid JSON: Unrecognized token",
        "{\"status\":\"completed\",\"result\":{}} {} | : has content after its end",
        "{\"status\":\"completed\",\"result\":{},} | : is not valid JSON",
        "[] | : is not an object",
        "3 | : is not an object",
        "{} | : /status: is missing",
        "{\"result\":1} | : /status: is missing",
        "{\"status\":1,\"result\":1} | : /status: is not a string",
        "{\"status\":\"done\",\"result\":1} | : /status: must be one of completed, failed, checkpoint, was 'done'",
        "{\"status\":\"completed\"} | : /result: is missing",
        "{\"status\":\"completed\",\"result\":1,\"result\":2} | : /result: appears twice",
        "{\"status\":\"completed\",\"result\":1,\"extra\":2} | : /extra: is unknown; available: status, result, error",
        "{\"status\":\"completed\",\"result\":1,\"cursor\":2} | : /cursor: is not allowed with status completed",
        "{\"status\":\"failed\",\"result\":1} | : /result: is not allowed with status failed",
        "{\"status\":\"failed\"} | : /error: is missing",
        "{\"status\":\"failed\",\"error\":\"no\"} | : /error: is not an object",
        "{\"status\":\"failed\",\"error\":{\"message\":\"m\"}} | : /error/type: is missing",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\"}} | : /error/message: is missing",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retryable\":1}} | : /error/retryable: is not true or false",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retry_after_ms\":-1}} | : /error/retry_after_ms: is not a whole number",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retry_after_ms\":1e3}} | : /error/retry_after_ms: is not a whole number",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retry_after_ms\":-99999999999999999999}} | : /error/retry_after_ms: is not a whole number",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"context\":[]}} | : /error/context: is not an object",
        "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"why\":1}} | : /error/why: is unknown; available: type, message",
        "{\"status\":\"completed\",\"result\":\"a\\u0000b\"} | contains the character \\u0000 at byte 33",
        "{\"status\":\"completed\",\"result\":\"\\ud800\"} | contains an unpaired surrogate at byte 32",
        "{\"status\":\"completed\",\"result\":\"\\udc00\\ud800\"} | contains an unpaired surrogate at byte 32",
      })
  void anInvalidResultDocumentIsReportedWithItsLocation(String text, String expected) {
    assertThat(read(text))
        .isInstanceOfSatisfying(
            ResultDocument.Invalid.class,
            invalid ->
                assertThat(invalid.problem().toString())
                    .startsWith("the result document")
                    .contains(expected));
  }

  @Test
  void nestingDepthIsLimited() {
    assertThat(read(nested(90))).isInstanceOf(ResultDocument.Completed.class);
    assertThat(read(nested(101)))
        .isInstanceOfSatisfying(
            ResultDocument.Invalid.class,
            invalid -> assertThat(invalid.problem().toString()).contains("nesting depth"));
    assertThat(read("[".repeat(1_000_000))).isInstanceOf(ResultDocument.Invalid.class);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    var text = "{\"status\":\"completed\",\"result\":\"é\"}";

    assertThat(ResultReader.read(Document.of(text.getBytes(StandardCharsets.ISO_8859_1))))
        .isInstanceOf(ResultDocument.Invalid.class);
    assertThat(ResultReader.read(Document.of(text.getBytes(StandardCharsets.UTF_16LE))))
        .isEqualTo(invalid("is not UTF-8"));
    assertThat(ResultReader.read(Document.of(text.getBytes(StandardCharsets.UTF_16BE))))
        .isEqualTo(invalid("is not UTF-8"));
    var overlong = text.getBytes(StandardCharsets.UTF_8);
    overlong[31] = (byte) 0xc0;
    overlong[32] = (byte) 0x80;
    assertThat(ResultReader.read(Document.of(overlong))).isInstanceOf(ResultDocument.Invalid.class);
  }

  @Test
  void emptyOutputIsNotAResultDocument() {
    assertThat(read("")).isEqualTo(invalid("is not an object"));
  }

  private static String nested(int depth) {
    return "{\"status\":\"completed\",\"result\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
  }

  private static ResultDocument invalid(String message) {
    return new ResultDocument.Invalid(new Problem(Location.of("the result document"), "", message));
  }

  private static ResultDocument read(String text) {
    return ResultReader.read(Document.of(text));
  }
}
