package org.wasmbroker.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.secret.LeakScanner.Finding;

final class LeakScannerTest {
  private static final SecretName NAME = new SecretName("TOKEN");
  private static final String VALUE = "s3cr\"et/va+l ue\\pä😀%41";

  private final LeakScanner watch = new LeakScanner();

  LeakScannerTest() {
    watch.add(NAME, utf8(VALUE));
  }

  @Test
  void aPlainValueIsFound() {
    assertFound("it is " + VALUE + "!", Form.PLAIN);
    assertThat(watch.find(utf8("it is " + VALUE.substring(1)))).isEmpty();
    assertThat(watch.find(utf8("{\"result\":[1,2,3],\"name\":\"TOKEN\"}"))).isEmpty();
  }

  @Test
  void aValueIsFoundInEveryStyleOfEscapes() {
    assertFound(jsonMinimal(VALUE), Form.ESCAPED);
    assertFound(jsonMinimal(VALUE).replace("/", "\\/"), Form.ESCAPED);
    assertFound(unicodeEscaped(VALUE, "%04x"), Form.ESCAPED);
    assertFound(unicodeEscaped(VALUE, "%04X"), Form.ESCAPED);
    assertFound(jsonMinimal(jsonMinimal(VALUE)), Form.ESCAPED);
    assertThat(watch.find(utf8(bytesEscaped(VALUE)))).isPresent();
    assertFound("s3cr\\u{22}et/va+l ue\\\\p\\u{e4}\\u{1f600}%41", Form.ESCAPED);
  }

  @Test
  void aValueIsFoundWithAnySubsetOfItsCharactersUrlEncoded() {
    assertFound(URLEncoder.encode(VALUE, StandardCharsets.UTF_8), Form.URL_ENCODED);
    assertFound(
        URLEncoder.encode(VALUE, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT),
        Form.URL_ENCODED);
    assertFound(
        URLEncoder.encode(URLEncoder.encode(VALUE, StandardCharsets.UTF_8), StandardCharsets.UTF_8),
        Form.URL_ENCODED);
    var random = new Random(1);
    for (int i = 0; i < 500; i++) {
      assertFound(partlyEncoded(VALUE, random), Form.URL_ENCODED);
    }
  }

  @Test
  void spacesMayBeWrittenAsPlusSigns() {
    var spaced = new LeakScanner();
    spaced.add(NAME, utf8("two words here"));

    assertThat(spaced.find(utf8("q=two+words+here"))).isPresent();
    assertThat(spaced.find(utf8("q=two+words%20here"))).isPresent();
  }

  @Test
  void aValueIsFoundInHexWhateverTheCaseAndSeparators() {
    var hex = HexFormat.of().formatHex(utf8(VALUE));
    assertFound(hex, Form.HEX);
    assertFound(hex.toUpperCase(Locale.ROOT), Form.HEX);
    assertFound(HexFormat.ofDelimiter(":").formatHex(utf8(VALUE)), Form.HEX);
    assertFound(HexFormat.ofDelimiter(", ").withPrefix("0x").formatHex(utf8(VALUE)), Form.HEX);
    assertFound("{\"a\":\"" + hex.substring(0, 9) + "\",\"z\":\"" + hex.substring(9), Form.HEX);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void aValueIsFoundInBase64AtEveryOffset(int before) {
    for (int after = 0; after < 4; after++) {
      var text = utf8("#".repeat(before) + VALUE + "~".repeat(after));
      assertFound(
          new String(Base64.getEncoder().encode(text), StandardCharsets.US_ASCII), Form.BASE64);
      assertFound(Base64.getEncoder().withoutPadding().encodeToString(text), Form.BASE64);
      assertFound(Base64.getUrlEncoder().encodeToString(text), Form.BASE64);
      assertFound(Base64.getMimeEncoder(8, utf8("\r\n")).encodeToString(text), Form.BASE64);
      assertFound(
          jsonMinimal(Base64.getMimeEncoder(8, utf8("\n")).encodeToString(text)), Form.BASE64);
      assertFound(
          URLEncoder.encode(Base64.getEncoder().encodeToString(text), StandardCharsets.UTF_8),
          Form.BASE64);
      assertFound(Base64.getEncoder().encodeToString(text).replace("/", "\\/"), Form.BASE64);
    }
  }

  @Test
  void aValueIsFoundAsAListOfNumbers() {
    assertFound(Arrays.toString(unsigned(utf8(VALUE))), Form.NUMBERS);
    assertFound(Arrays.toString(unsigned(utf8(VALUE))).replace(", ", ",\n  "), Form.NUMBERS);
    assertFound("[1," + Arrays.toString(unsigned(utf8(VALUE))).substring(1), Form.NUMBERS);
  }

  @Test
  void randomBytesAreFoundInEveryForm() {
    var random = new Random(2);
    for (int length = 4; length < 80; length++) {
      var value = new byte[length];
      random.nextBytes(value);
      value[0] = 'x';
      value[length - 1] = 'y';
      var one = new LeakScanner();
      one.add(NAME, value);
      var around = new ByteArrayOutputStream();
      around.writeBytes(utf8("<".repeat(length % 5)));
      around.writeBytes(value);
      around.writeBytes(utf8(">>"));
      var text = around.toByteArray();

      assertThat(one.find(text)).isPresent();
      assertThat(one.find(utf8(HexFormat.of().formatHex(text)))).isPresent();
      assertThat(one.find(utf8(Arrays.toString(unsigned(text))))).isPresent();
      if (length > 4) {
        assertThat(one.find(Base64.getEncoder().encode(text))).isPresent();
      }
      one.erase();
      assertThat(one.find(text)).isEmpty();
    }
  }

  @Test
  void aMultilineValueIsFoundByEachLongLine() {
    var key = new LeakScanner();
    key.add(
        NAME,
        utf8(
            "-----BEGIN KEY-----\r\nMIIEvQIBADANBgkqhkiG\r\nAoGBAKj34GkxFhD90vcN\r\n-----END KEY-----\r\n"));

    assertThat(key.find(utf8("MIIEvQIBADANBgkqhkiGAoGBAKj"))).isPresent();
    assertThat(key.find(utf8("x AoGBAKj34GkxFhD90vcN x"))).isPresent();
    assertThat(key.find(utf8("-----BEGIN KEY-----"))).isEmpty();
  }

  @Test
  void surroundingWhitespaceDoesNotHideAValue() {
    var padded = new LeakScanner();
    padded.add(NAME, utf8("  s3cret \n\n"));

    assertThat(padded.find(utf8("\"s3cret\""))).contains(new Finding(NAME, Form.PLAIN));
  }

  @Test
  void eachOfManyValuesIsReportedByItsOwnName() {
    var many = new LeakScanner();
    for (int i = 0; i < 50; i++) {
      many.add(new SecretName("S" + i), utf8("value-" + i + "-of-many"));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(many.find(utf8("a value-" + i + "-of-many b")))
          .contains(new Finding(new SecretName("S" + i), Form.PLAIN));
    }
  }

  @Test
  void innocentTextsAreNotReported() {
    var random = new Random(3);
    var bytes = new byte[300_000];
    random.nextBytes(bytes);
    assertThat(watch.find(bytes)).isEmpty();
    assertThat(watch.find(Base64.getEncoder().encode(bytes))).isEmpty();
    assertThat(watch.find(utf8(HexFormat.of().formatHex(bytes)))).isEmpty();
    assertThat(watch.find(utf8(Arrays.toString(unsigned(bytes))))).isEmpty();
  }

  @Test
  void malformedEscapesDoNotHideAValue() {
    for (var broken :
        new String[] {
          "\\", "\\u", "\\u12", "\\x4", "\\u{", "\\u{110000}", "\\u{}", "%", "%4", "%zz"
        }) {
      assertFound(broken + VALUE + broken, Form.PLAIN);
      assertFound(broken + jsonMinimal(VALUE) + broken, Form.ESCAPED);
      assertThat(watch.redact(broken, true)).isEqualTo(broken);
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void redactionReplacesTheValueByItsNameInEveryForm(boolean cut) {
    var base64 = Base64.getEncoder().encodeToString(utf8("a" + VALUE));
    for (var form :
        new String[] {
          VALUE,
          jsonMinimal(VALUE),
          unicodeEscaped(VALUE, "%04x"),
          URLEncoder.encode(VALUE, StandardCharsets.UTF_8),
          HexFormat.of().formatHex(utf8(VALUE)),
          Arrays.toString(unsigned(utf8(VALUE))),
          base64
        }) {
      var redacted = watch.redact("before " + form + " after " + form + ".", cut);

      assertThat(redacted).startsWith("before ").contains("[secret TOKEN]").endsWith(".");
      assertThat(redacted.split("\\[secret TOKEN]", -1)).hasSize(3);
      assertThat(watch.find(utf8(redacted))).isEmpty();
    }
    assertThat(watch.redact("nothing here", cut)).isEqualTo("nothing here");
    assertThat(watch.redact("a " + VALUE + VALUE + " b", cut)).isEqualTo("a [secret TOKEN] b");
  }

  @Test
  void thePrefixOfAValueIsRedactedAtATruncatedEnd() {
    var begun = "token " + VALUE.substring(0, VALUE.length() - 3);

    assertThat(watch.redact(begun, true)).isEqualTo("token [secret TOKEN]");
    assertThat(watch.redact(begun, false)).isEqualTo(begun);
    var hex = HexFormat.of().formatHex(utf8(VALUE));
    assertThat(watch.redact("token " + hex.substring(0, 12), true))
        .isEqualTo("token [secret TOKEN]");
  }

  @Test
  void nearMatchesTakeTimeLinearInTheText() {
    var repetitive = new LeakScanner();
    repetitive.add(NAME, utf8("a".repeat(4096) + "b"));
    var text = utf8("a".repeat(200_000));
    long began = System.nanoTime();

    assertThat(repetitive.find(text)).isEmpty();
    assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
  }

  private void assertFound(String text, Form form) {
    assertThat(watch.find(utf8(text))).as(text).contains(new Finding(NAME, form));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int[] unsigned(byte[] bytes) {
    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
  }

  private static String jsonMinimal(String text) {
    return text.replace("\\", "\\\\")
        .replace("\"", "\\\"")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  private static String unicodeEscaped(String text, String digits) {
    return text.chars()
        .mapToObj(unit -> "\\u" + digits.formatted(unit))
        .collect(Collectors.joining());
  }

  private static String bytesEscaped(String text) {
    return HexFormat.of().withPrefix("\\x").formatHex(utf8(text));
  }

  /** Escapes the characters that need it, and randomly some others. */
  private static String partlyEncoded(String text, Random random) {
    var encoded = new StringBuilder();
    for (byte each : utf8(text)) {
      boolean unreserved = each > ' ' && each != '%' && each != '+' && each != '\\' && each < 127;
      if (each > 0 && unreserved && random.nextBoolean()) {
        encoded.append((char) each);
      } else {
        encoded.append("%").append(HexFormat.of().toHexDigits(each));
      }
    }
    return encoded.toString();
  }
}
