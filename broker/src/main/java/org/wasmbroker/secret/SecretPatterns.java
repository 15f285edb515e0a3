package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.wasmbroker.step.SafeText;

/**
 * The patterns of secret values, for each form in which they may be written.
 *
 * <p>A value in base64 looks different at each of three offsets; the digits that depend on its
 * neighbors are left out. Of a value with several lines each line of {@value #MIN_LINE_BYTES} bytes
 * or more is searched for, so that a key is found without its header and footer or with other line
 * breaks.
 */
final class SecretPatterns {
  /** A shorter value would be found in harmless texts. */
  static final int MIN_VALUE_BYTES = PatternSet.MIN_LENGTH;

  private static final int MIN_LINE_BYTES = 16;
  private static final int MIN_BASE64_DIGITS = 5;

  private final PatternSet plain = new PatternSet();
  private final PatternSet spaced = new PatternSet();
  private final PatternSet hex = new PatternSet();
  private final PatternSet base64 = new PatternSet();
  private final PatternSet numbers = new PatternSet();

  /** Whether a value is long enough to be searched for. */
  static boolean isSearchable(byte[] value) {
    return strip(value, 0, value.length).length >= MIN_VALUE_BYTES;
  }

  /**
   * @param owner a number for the secret, which is reported with each match
   */
  void add(int owner, byte[] value) {
    for (var piece : pieces(value)) {
      addPiece(owner, piece);
    }
  }

  private void addPiece(int owner, byte[] piece) {
    plain.add(owner, piece);
    var sanitized = sanitized(piece);
    if (!Arrays.equals(sanitized, piece)) {
      plain.add(owner, sanitized);
    }
    addSpaced(owner, piece);
    var decoded = TextDecoder.percentDecoded(TextView.of(piece));
    if (decoded != null) {
      addSpaced(owner, Arrays.copyOf(decoded.bytes(), decoded.length()));
    }
    hex.add(owner, HexFormat.of().formatHex(piece).getBytes(StandardCharsets.US_ASCII));
    addBase64(owner, piece);
    addNumbers(owner, piece);
  }

  /** The form in logs, where control characters are replaced by spaces. */
  private static byte[] sanitized(byte[] piece) {
    var text = new String(piece, StandardCharsets.UTF_8);
    return SafeText.sanitize(text, text.length()).getBytes(StandardCharsets.UTF_8);
  }

  private void addSpaced(int owner, byte[] piece) {
    var spacesAsPlus = piece.clone();
    for (int i = 0; i < spacesAsPlus.length; i++) {
      if (spacesAsPlus[i] == ' ') {
        spacesAsPlus[i] = '+';
      }
    }
    spaced.add(owner, spacesAsPlus);
  }

  /** At each offset, the digits that depend on nothing but the value. */
  private void addBase64(int owner, byte[] piece) {
    for (int offset = 0; offset < 3; offset++) {
      var shifted = new byte[offset + piece.length];
      System.arraycopy(piece, 0, shifted, offset, piece.length);
      var digits = Base64.getEncoder().withoutPadding().encode(shifted);
      int from = (offset * 8 + 5) / 6;
      int to = shifted.length * 8 / 6;
      if (to - from >= MIN_BASE64_DIGITS) {
        base64.add(owner, Arrays.copyOfRange(digits, from, to));
      }
      Arrays.fill(shifted, (byte) 0);
    }
  }

  private void addNumbers(int owner, byte[] piece) {
    var text = new StringBuilder(piece.length * 4).append(',');
    for (byte each : piece) {
      text.append(each & 0xFF).append(',');
    }
    numbers.add(owner, text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /** The parts of a value that are searched for. */
  private static List<byte[]> pieces(byte[] value) {
    var lines = new ArrayList<byte[]>();
    int from = 0;
    for (int i = 0; i <= value.length; i++) {
      if (i == value.length || value[i] == '\n') {
        var line = strip(value, from, i);
        if (line.length >= MIN_LINE_BYTES && !(line[0] == '-' && line[1] == '-')) {
          lines.add(line);
        }
        from = i + 1;
      }
    }
    var whole = strip(value, 0, value.length);
    boolean single = lines.size() == 1 && lines.getFirst().length == whole.length;
    if (lines.isEmpty() || single) {
      return List.of(whole);
    }
    return lines;
  }

  private static byte[] strip(byte[] value, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isBlank(value[start])) {
      start++;
    }
    while (end > start && isBlank(value[end - 1])) {
      end--;
    }
    return Arrays.copyOfRange(value, start, end);
  }

  private static boolean isBlank(byte each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
  }

  /** The values as they are. */
  PatternSet plain() {
    return plain;
  }

  /** The values with {@code +} for each space. */
  PatternSet spaced() {
    return spaced;
  }

  /** The values in lower-case hex. */
  PatternSet hex() {
    return hex;
  }

  PatternSet base64() {
    return base64;
  }

  /** The values as decimal numbers between commas. */
  PatternSet numbers() {
    return numbers;
  }

  /** Overwrites the patterns. */
  void erase() {
    plain.erase();
    spaced.erase();
    hex.erase();
    base64.erase();
    numbers.erase();
  }
}
