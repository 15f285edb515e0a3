package org.wasmbroker.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.DamagedText;

/** The files of recordings: what is written is what is read, and nothing else is read. */
class RecordingFormatTest {
  private static final Recording COMPLETE = Recordings.complete();
  private static final byte[] BYTES = RecordingWriter.write(COMPLETE);

  @Test
  void everyKindOfEntryIsReadAsItWasWritten() throws UnusableRecordingException {
    var read = RecordingReader.read(BYTES);

    assertThat(read).isEqualTo(COMPLETE);
    assertThat(RecordingWriter.write(read)).isEqualTo(BYTES);
    assertThat(COMPLETE.entries().stream().map(Object::getClass).distinct().toList())
        .hasSameElementsAs(
            List.of(TapeEntry.class.getPermittedSubclasses()).stream()
                .flatMap(
                    type ->
                        type.isSealed()
                            ? Arrays.stream(type.getPermittedSubclasses())
                            : Stream.of(type))
                .distinct()
                .toList());
  }

  @Test
  void aCompletedStepAndATruncatedOneAreReadAsTheyWereWritten() throws UnusableRecordingException {
    var completed =
        new Recording(
            COMPLETE.origin(),
            COMPLETE.work(),
            COMPLETE.terms(),
            List.of(),
            List.of(),
            "it was too long",
            new Recording.End(
                Recording.Status.COMPLETED,
                Document.of("{ \"a\": 1.0 }"),
                null,
                COMPLETE.end().usage()));

    assertThat(RecordingReader.read(RecordingWriter.write(completed))).isEqualTo(completed);
  }

  @Test
  void aRecordingIsLinesOfJsonOneForEachEntry() {
    var lines = new String(BYTES, UTF_8).lines().toList();

    assertThat(lines).hasSize(COMPLETE.entries().size() + 2);
    assertThat(lines.getFirst())
        .startsWith("{\"format\":\"wasm-broker-recording\",\"version\":1,\"broker\":\"1.2.3\"")
        .contains("\"input\":{\"text\":\"{\\\"config\\\": {\\\"ü\\\": \\\"\\\\u0001\\\"}}\\n\"}");
    assertThat(lines.get(1)).isEqualTo("{\"n\":1,\"entry\":\"run\"}");
    assertThat(lines.get(4))
        .isEqualTo("{\"n\":4,\"entry\":\"random\",\"bytes\":{\"base64\":\"AP8KGw==\"}}");
    assertThat(lines.getLast()).startsWith("{\"outcome\":\"retry\",\"entries\":25,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "version":1,              | "version":2,             | line 1: the recording has version 2 of the format
          "format":"wasm-broker-    | "format":"other-         | line 1: this is no recording
          "engine":                 | "engines":               | engines
          "memory":1048576          | "memory":1               | line 1: /limits/memory: must be 65536 to
          "digest":"sha256:         | "digest":"sha512:        | line 1: /module/digest: must begin with sha256:
          "attempt":2               | "attempt":0              | line 1: /step/attempt: must be
          "stack_bytes":524288      | "stack_bytes":1          | line 1: /stack_bytes: must be
          "n":3,                    | "n":4,                   | line 4: entry 3 has another number
          "entry":"random"          | "entry":"dice"           | line 5: the entry has a kind that this broker does not know
          "clock":"wall"            | "clock":"cuckoo"         | line 3: /clock: must be one of wall, elapsed, remaining, wait
          "secret":1                | "secret":2               | line 6: /secret: must be 0 to 1
          "secrets":[0,1]           | "secrets":[0,9]          | line 8: /secrets/1 must be the number of a secret
          "base64":"AP8KGw=="       | "base64":"?"             | line 5: /bytes/base64
          "asked":4                 | "asked":1                | line 9: the entry has 4 bytes of a body; the guest had room for 1
          "response":1,"head"       | "response":3,"head"      | line 8: /response: must be 1 to 1
          "entries":25              | "entries":24             | line 27: the recording has lost entries
          "outcome":"retry"         | "outcome":"lost"         | line 27: /outcome: must be one of completed, failed, retry
          "retryable":true          | "retryable":"yes"        | /retryable: must be true or false
          "allowed":1,              | "allowed":1,"extra":1,   | extra
          """)
  void whatIsWrongIsToldWithItsLine(String was, String is, String message) {
    var text = new String(BYTES, UTF_8);
    assertThat(text).contains(was);

    assertThatThrownBy(
            () ->
                RecordingReader.read(
                    text.replaceFirst(Pattern.quote(was), Matcher.quoteReplacement(is))
                        .getBytes(UTF_8)))
        .isInstanceOf(UnusableRecordingException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatEndsTooEarlyIsRefusedWhereverItEnds() {
    for (int length = 0; length < BYTES.length - 1; length++) {
      var part = Arrays.copyOf(BYTES, length);
      assertThatThrownBy(() -> RecordingReader.read(part))
          .isInstanceOf(UnusableRecordingException.class);
    }
  }

  @Test
  void linesThatAreMissingOrTooManyAreNoticed() {
    var lines = new String(BYTES, UTF_8).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      var fewer = new ArrayList<>(lines);
      fewer.remove(i);
      assertUnusable(String.join("\n", fewer));
      var more = new ArrayList<>(lines);
      more.add(i, lines.get(i));
      assertUnusable(String.join("\n", more));
    }
    assertUnusable(new String(BYTES, UTF_8) + "{}\n");
  }

  private static void assertUnusable(String text) {
    assertThatThrownBy(() -> RecordingReader.read(text.getBytes(UTF_8)))
        .isInstanceOf(UnusableRecordingException.class);
  }

  @Test
  void whateverTheBytesAreTheyAreARecordingOrRefused() {
    var damaged = new DamagedText(14, BYTES);
    int refused = 0;
    for (int i = 0; i < 4000; i++) {
      var bytes = damaged.next();
      try {
        var _ = RecordingReader.read(bytes);
      } catch (UnusableRecordingException expected) {
        refused++;
        assertThat(expected.getMessage()).hasSizeLessThan(3000).doesNotContain("\u001b");
      } catch (RuntimeException | StackOverflowError wrong) {
        fail("not refused properly: " + new String(bytes, UTF_8), wrong);
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  /** The search for it takes many times its size. */
  @Test
  void whatStandsInForASecretIsNotLongerThanSecretsAre() {
    assertUnusable(
        new String(BYTES, UTF_8)
            .replaceFirst(
                "\"stand_in\":\\{\"text\":\"", "\"stand_in\":{\"text\":\"" + "x".repeat(65_537)));
  }

  @Test
  void deepAndHugeValuesAreRefused() {
    assertUnusable("[".repeat(1_000_000));
    assertUnusable("{\"format\":".repeat(100_000));
    assertThatThrownBy(() -> RecordingReader.read(new byte[Recording.MAX_FILE_BYTES + 1]))
        .hasMessageContaining("it has more than 64 MiB");
  }
}
