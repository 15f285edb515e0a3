package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.step.SafeText;

/**
 * The values that a step was given, looked for in what it says.
 *
 * <p>A text is read as it is, and with its escapes and its URL-encoding undone up to three times in
 * any order. Each of these readings is searched for the values, and for their digits in hex, in
 * base64 and as numbers, whatever stands between the digits. A value in base64 looks different at
 * each of three offsets; the digits that depend on its neighbours are not looked at.
 *
 * <p>Of a value with several lines each line of {@value #LEAST_LINE} bytes or more is looked for,
 * so that a key is found without its frame or with other line ends.
 */
final class Watch {
  /** A shorter value would be found in the most innocent of texts. */
  static final int LEAST_VALUE = Needles.LEAST;

  private static final int LEAST_LINE = 16;
  private static final int LEAST_BASE64 = 5;
  private static final int MOST_READINGS = 8;
  private static final int MOST_DECODINGS = 3;

  private final List<SecretName> owners = new ArrayList<>();
  private final Needles plain = new Needles();
  private final Needles spaced = new Needles();
  private final Needles hex = new Needles();
  private final Needles base64 = new Needles();
  private final Needles numbers = new Needles();

  /** A reading of the text and what was undone for it. */
  private record Decoded(Reading reading, Form form, int depth) {}

  /** Takes what was found, and says whether to go on. */
  private interface Finds {
    boolean found(int owner, Form form, Reading in, int start, int end);
  }

  /** How to look through one set of needles. */
  private interface Search {
    void in(Needles needles, Reading reading, Needles.Matches matches);
  }

  boolean isEmpty() {
    return owners.isEmpty();
  }

  void add(SecretName name, byte[] value) {
    int owner = owners.size();
    owners.add(name);
    for (var piece : pieces(value)) {
      add(owner, piece);
    }
  }

  private void add(int owner, byte[] piece) {
    plain.add(owner, piece);
    var cleaned = cleaned(piece);
    if (!Arrays.equals(cleaned, piece)) {
      plain.add(owner, cleaned);
    }
    addSpaced(owner, piece);
    var decoded = Reading.of(piece).percentDecoded();
    if (decoded != null) {
      addSpaced(owner, Arrays.copyOf(decoded.bytes(), decoded.length()));
    }
    hex.add(owner, HexFormat.of().formatHex(piece).getBytes(StandardCharsets.US_ASCII));
    addBase64(owner, piece);
    addNumbers(owner, piece);
  }

  /** As the log's cleaning leaves it: control characters are spaces there. */
  private static byte[] cleaned(byte[] piece) {
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

  /** The digits at each offset that the value alone decides. */
  private void addBase64(int owner, byte[] piece) {
    for (int offset = 0; offset < 3; offset++) {
      var shifted = new byte[offset + piece.length];
      System.arraycopy(piece, 0, shifted, offset, piece.length);
      var digits = Base64.getEncoder().withoutPadding().encode(shifted);
      int from = (offset * 8 + 5) / 6;
      int to = shifted.length * 8 / 6;
      if (to - from >= LEAST_BASE64) {
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

  /** What of a value is looked for. */
  private static List<byte[]> pieces(byte[] value) {
    var lines = new ArrayList<byte[]>();
    int from = 0;
    for (int i = 0; i <= value.length; i++) {
      if (i == value.length || value[i] == '\n') {
        var line = stripped(value, from, i);
        if (line.length >= LEAST_LINE && !(line[0] == '-' && line[1] == '-')) {
          lines.add(line);
        }
        from = i + 1;
      }
    }
    var whole = stripped(value, 0, value.length);
    boolean single = lines.size() == 1 && lines.getFirst().length == whole.length;
    if (lines.isEmpty() || single) {
      return List.of(whole);
    }
    return lines;
  }

  private static byte[] stripped(byte[] value, int from, int to) {
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

  /** Whether something can be looked for at all. */
  static boolean canWatch(byte[] value) {
    return stripped(value, 0, value.length).length >= LEAST_VALUE;
  }

  /** The first value found and its form. */
  Optional<Found> find(byte[] text) {
    var first = new Found[1];
    look(
        Reading.of(text),
        Needles::find,
        (owner, form, in, start, end) -> {
          first[0] = new Found(owners.get(owner), form);
          return false;
        });
    return Optional.ofNullable(first[0]);
  }

  record Found(SecretName name, Form form) {}

  /**
   * The text with {@code [secret NAME]} in place of every value.
   *
   * @param cut whether more text followed, so that a value's beginning may stand at the end
   */
  String redacted(String text, boolean cut) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var marked = new @Nullable SecretName[bytes.length];
    boolean[] any = {false};
    Finds mark =
        (owner, form, in, start, end) -> {
          any[0] = true;
          // The comma before the first number may be the one after other numbers.
          int first = form == Form.NUMBERS ? start + 1 : start;
          Arrays.fill(marked, in.start(first), in.end(end - 1), owners.get(owner));
          return true;
        };
    look(Reading.withPlaces(bytes), Needles::find, mark);
    if (cut) {
      look(Reading.withPlaces(bytes), Needles::findAtEnd, mark);
    }
    return any[0] ? replaced(bytes, marked) : text;
  }

  private static String replaced(byte[] bytes, @Nullable SecretName[] marked) {
    var out = new StringBuilder();
    int from = 0;
    while (from < bytes.length) {
      int to = from + 1;
      while (to < bytes.length && Objects.equals(marked[to], marked[from])) {
        to++;
      }
      var name = marked[from];
      out.append(
          name == null
              ? new String(bytes, from, to - from, StandardCharsets.UTF_8)
              : "[secret " + name + "]");
      from = to;
    }
    return out.toString();
  }

  private void look(Reading text, Search search, Finds finds) {
    if (isEmpty()) {
      return;
    }
    for (var decoded : readings(text)) {
      boolean goOn = look(decoded, search, finds);
      if (decoded.depth > 0) {
        decoded.reading.erase();
      }
      if (!goOn) {
        return;
      }
    }
  }

  /**
   * The text, and what it reads like when something is undone; those with the least undone first.
   */
  private static List<Decoded> readings(Reading text) {
    var readings = new ArrayList<Decoded>();
    readings.add(new Decoded(text, Form.PLAIN, 0));
    for (int i = 0; i < readings.size() && readings.size() < MOST_READINGS; i++) {
      var from = readings.get(i);
      if (from.depth == MOST_DECODINGS) {
        break;
      }
      var unescaped = from.reading.unescaped();
      if (unescaped != null) {
        var form = from.form == Form.PLAIN ? Form.ESCAPED : from.form;
        readings.add(new Decoded(unescaped, form, from.depth + 1));
      }
      var decoded = from.reading.percentDecoded();
      if (decoded != null) {
        readings.add(new Decoded(decoded, Form.URL_ENCODED, from.depth + 1));
      }
    }
    return readings;
  }

  private boolean look(Decoded decoded, Search search, Finds finds) {
    var reading = decoded.reading;
    return look(plain, reading, decoded.form, search, finds)
        && lookIn(reading.spacesAsPlus(), spaced, Form.URL_ENCODED, search, finds)
        && (decoded.form != Form.URL_ENCODED
            || look(spaced, reading, Form.URL_ENCODED, search, finds))
        && lookIn(reading.hexDigits(), hex, Form.HEX, search, finds)
        && lookIn(reading.base64Digits(), base64, Form.BASE64, search, finds)
        && lookIn(reading.numbers(), numbers, Form.NUMBERS, search, finds);
  }

  private static boolean lookIn(
      @Nullable Reading view, Needles needles, Form form, Search search, Finds finds) {
    if (view == null) {
      return true;
    }
    boolean goOn = look(needles, view, form, search, finds);
    view.erase();
    return goOn;
  }

  private static boolean look(
      Needles needles, Reading view, Form form, Search search, Finds finds) {
    boolean[] goOn = {true};
    search.in(
        needles, view, (owner, start, end) -> goOn[0] = finds.found(owner, form, view, start, end));
    return goOn[0];
  }

  /** Overwrites what is looked for. */
  void erase() {
    plain.erase();
    spaced.erase();
    hex.erase();
    base64.erase();
    numbers.erase();
    owners.clear();
  }
}
