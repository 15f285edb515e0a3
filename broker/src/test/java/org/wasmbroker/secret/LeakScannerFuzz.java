package org.wasmbroker.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.sandbox.CallRefusedException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets in guests' output. The input is a notation, the lengths of a value and of the text before
 * it, and the bytes of both and of the text after it: the value is found wherever it is, and is
 * gone after redaction. Any text can be scanned, and any placeholders filled.
 */
public final class LeakScannerFuzz implements FuzzTarget {
  private static final SecretName NAME = new SecretName("TOKEN");
  private static final String MARK = "[secret TOKEN]";
  private static final int HEADER = 3;
  private static final int MIN_VALUE = 6;

  private enum Notation {
    PLAIN,
    JSON,
    UNICODE_ESCAPES,
    URL,
    HEX,
    HEX_WITH_COLONS,
    BASE64,
    BASE64_FOR_URLS,
    BASE64_IN_LINES,
    NUMBERS;

    /** Whether it is a notation of text rather than of bytes. */
    boolean isOfText() {
      return this == JSON || this == UNICODE_ESCAPES || this == URL;
    }
  }

  @Override
  public List<byte[]> seeds() {
    return IntStream.range(0, Notation.values().length)
        .mapToObj(
            way ->
                FuzzTarget.texts(
                        (char) way
                            + "\u0010\u0005"
                            + "s3cr\"et/va+l u\\:before{{secret:TOKEN}} and after %41\\u0041")
                    .getFirst())
        .toList();
  }

  @Override
  public void accept(byte[] input) {
    if (input.length < HEADER) {
      return;
    }
    var notation = Notation.values()[(input[0] & 0xff) % Notation.values().length];
    int length = MIN_VALUE + (input[1] & 0x3f);
    int before = input[2] & 0x0f;
    if (input.length < HEADER + length + before) {
      return;
    }
    var value = value(Arrays.copyOfRange(input, HEADER, HEADER + length), notation.isOfText());
    int rest = HEADER + length + before;
    var text =
        written(
            notation,
            value,
            Arrays.copyOfRange(input, HEADER + length, rest),
            Arrays.copyOfRange(input, rest, input.length));
    var scanner = new LeakScanner();
    scanner.add(NAME, value);

    assertThat(scanner.find(text)).as("%s of %s", notation, Arrays.toString(value)).isPresent();
    var output = new String(text, StandardCharsets.UTF_8);
    if (scanner.find(output.getBytes(StandardCharsets.UTF_8)).isPresent()) {
      assertThat(scanner.redact(output, false)).contains(MARK);
      assertThat(scanner.redact(output, true)).contains(MARK);
    }
    anyTextCanBeScanned(scanner, input);
  }

  private static void anyTextCanBeScanned(LeakScanner scanner, byte[] input) {
    scanner.find(input);
    var text = new String(input, StandardCharsets.UTF_8);
    scanner.redact(text, true);
    try {
      int placeholders = text.split("\\{\\{secret:", -1).length - 1;
      assertThat(Placeholders.fill(text, name -> "{{secret:" + name + "}}")).isEqualTo(text);
      assertThat(Placeholders.fill(text, name -> ""))
          .hasSizeLessThanOrEqualTo(text.length() - placeholders);
    } catch (CallRefusedException notAPlaceholder) {
      assertThat(text).contains(SecretName.PLACEHOLDER_PREFIX);
    }
  }

  /** Without surrounding whitespace and line breaks, which are not searched for. */
  private static byte[] value(byte[] bytes, boolean text) {
    var value = bytes.clone();
    for (int i = 0; i < value.length; i++) {
      boolean usable = value[i] < 0 ? !text : value[i] > ' ' && value[i] < 127;
      if (!usable) {
        value[i] = (byte) ('a' + (value[i] & 15));
      }
    }
    return value;
  }

  private static byte[] written(Notation notation, byte[] value, byte[] before, byte[] after) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(before);
    all.writeBytes(value);
    all.writeBytes(after);
    var bytes = all.toByteArray();
    var text = new String(value, StandardCharsets.ISO_8859_1);
    return switch (notation) {
      case PLAIN -> bytes;
      case JSON -> JsonMapper.shared().writeValueAsBytes(List.of("x", text));
      case UNICODE_ESCAPES -> ascii("\"" + escaped(text) + "\"");
      case URL -> ascii("q=" + URLEncoder.encode(text, StandardCharsets.UTF_8) + "&a");
      case HEX -> ascii(HexFormat.of().formatHex(bytes));
      case HEX_WITH_COLONS -> ascii(HexFormat.ofDelimiter(":").formatHex(bytes));
      case BASE64 -> Base64.getEncoder().encode(bytes);
      case BASE64_FOR_URLS -> Base64.getUrlEncoder().withoutPadding().encode(bytes);
      case BASE64_IN_LINES -> Base64.getMimeEncoder().encode(bytes);
      case NUMBERS -> ascii(numbers(bytes));
    };
  }

  private static String escaped(String text) {
    return text.chars().mapToObj(unit -> "\\u%04x".formatted(unit)).collect(Collectors.joining());
  }

  private static String numbers(byte[] bytes) {
    return IntStream.range(0, bytes.length)
        .mapToObj(i -> Integer.toString(bytes[i] & 0xff))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
