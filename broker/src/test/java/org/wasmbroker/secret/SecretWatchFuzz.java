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
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.grant.SecretName;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets in what guests say. The input is a way of writing, the lengths of a value and of what
 * stands before it, and the bytes of both and of what follows: wherever the value stands, it is
 * found, and redacted it is not there any more. Any text at all can be looked through, and any
 * placeholders filled.
 */
public final class SecretWatchFuzz implements FuzzTarget {
  private static final SecretName NAME = new SecretName("TOKEN");
  private static final String MARK = "[secret TOKEN]";
  private static final int HEADER = 3;
  private static final int LEAST = 6;

  private enum Writing {
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

    /** Whether it writes texts and not bytes. */
    boolean isOfText() {
      return this == JSON || this == UNICODE_ESCAPES || this == URL;
    }
  }

  @Override
  public List<byte[]> seeds() {
    return IntStream.range(0, Writing.values().length)
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
    var writing = Writing.values()[(input[0] & 0xff) % Writing.values().length];
    int length = LEAST + (input[1] & 0x3f);
    int before = input[2] & 0x0f;
    if (input.length < HEADER + length + before) {
      return;
    }
    var value = value(Arrays.copyOfRange(input, HEADER, HEADER + length), writing.isOfText());
    int rest = HEADER + length + before;
    var text =
        written(
            writing,
            value,
            Arrays.copyOfRange(input, HEADER + length, rest),
            Arrays.copyOfRange(input, rest, input.length));
    var watch = new Watch();
    watch.add(NAME, value);

    assertThat(watch.find(text)).as("%s of %s", writing, Arrays.toString(value)).isPresent();
    var said = new String(text, StandardCharsets.UTF_8);
    if (watch.find(said.getBytes(StandardCharsets.UTF_8)).isPresent()) {
      assertThat(watch.redacted(said, false)).contains(MARK);
      assertThat(watch.redacted(said, true)).contains(MARK);
    }
    anythingCanBeLookedThrough(watch, input);
  }

  private static void anythingCanBeLookedThrough(Watch watch, byte[] input) {
    watch.find(input);
    var text = new String(input, StandardCharsets.UTF_8);
    watch.redacted(text, true);
    try {
      int placeholders = text.split("\\{\\{secret:", -1).length - 1;
      assertThat(Placeholders.filled(text, name -> "{{secret:" + name + "}}")).isEqualTo(text);
      assertThat(Placeholders.filled(text, name -> ""))
          .hasSizeLessThanOrEqualTo(text.length() - placeholders);
    } catch (FillRefusedException notAPlaceholder) {
      assertThat(text).contains(SecretName.PLACEHOLDER_BEGIN);
    }
  }

  /** Without blanks at its ends and line breaks, which are not looked for. */
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

  private static byte[] written(Writing writing, byte[] value, byte[] before, byte[] after) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(before);
    all.writeBytes(value);
    all.writeBytes(after);
    var bytes = all.toByteArray();
    var text = new String(value, StandardCharsets.ISO_8859_1);
    return switch (writing) {
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
