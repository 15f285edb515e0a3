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
 * <p>Of a value with several lines each line of {@value #MIN_LINE_BYTES} bytes or more is looked
 * for, so that a key is found without its frame or with other line ends.
 */
final class LeakScanner {
  /** A shorter value would be found in the most innocent of texts. */
  static final int MIN_VALUE_BYTES = PatternSet.MIN_LENGTH;

  private static final int MIN_LINE_BYTES = 16;
  private static final int MIN_BASE64_DIGITS = 5;
  private static final int MAX_VIEWS = 8;
  private static final int MAX_DECODING_DEPTH = 3;

  private final List<SecretName> owners = new ArrayList<>();
  private final PatternSet plain = new PatternSet();
  private final PatternSet spaced = new PatternSet();
  private final PatternSet hex = new PatternSet();
  private final PatternSet base64 = new PatternSet();
  private final PatternSet numbers = new PatternSet();

  /** A reading of the text and what was undone for it. */
  private record DecodedView(TextView view, Form form, int depth) {}

  /** Takes what was found, and says whether to go on. */
  private interface FindingHandler {
    boolean onFinding(int owner, Form form, TextView in, int start, int end);
  }

  /** How to look through one set of needles. */
  private interface Search {
    void search(PatternSet patterns, TextView view, PatternSet.MatchHandler matches);
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
    var sanitized = sanitized(piece);
    if (!Arrays.equals(sanitized, piece)) {
      plain.add(owner, sanitized);
    }
    addSpaced(owner, piece);
    var decoded = TextView.of(piece).percentDecoded();
    if (decoded != null) {
      addSpaced(owner, Arrays.copyOf(decoded.bytes(), decoded.length()));
    }
    hex.add(owner, HexFormat.of().formatHex(piece).getBytes(StandardCharsets.US_ASCII));
    addBase64(owner, piece);
    addNumbers(owner, piece);
  }

  /** As the log's cleaning leaves it: control characters are spaces there. */
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

  /** The digits at each offset that the value alone decides. */
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

  /** What of a value is looked for. */
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

  /** Whether something can be looked for at all. */
  static boolean canScan(byte[] value) {
    return strip(value, 0, value.length).length >= MIN_VALUE_BYTES;
  }

  /** The first value found and its form. */
  Optional<Finding> find(byte[] text) {
    var first = new Finding[1];
    scan(
        TextView.of(text),
        PatternSet::find,
        (owner, form, in, start, end) -> {
          first[0] = new Finding(owners.get(owner), form);
          return false;
        });
    return Optional.ofNullable(first[0]);
  }

  record Finding(SecretName name, Form form) {}

  /**
   * The text with {@code [secret NAME]} in place of every value.
   *
   * @param truncated whether more text followed, so that a value's beginning may stand at the end
   */
  String redact(String text, boolean truncated) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var marked = new @Nullable SecretName[bytes.length];
    boolean[] any = {false};
    FindingHandler mark =
        (owner, form, in, start, end) -> {
          any[0] = true;
          // The comma before the first number may be the one after other numbers.
          int first = form == Form.NUMBERS ? start + 1 : start;
          Arrays.fill(marked, in.sourceStart(first), in.sourceEnd(end - 1), owners.get(owner));
          return true;
        };
    scan(TextView.withOffsets(bytes), PatternSet::find, mark);
    if (truncated) {
      scan(TextView.withOffsets(bytes), PatternSet::findPrefixesAtEnd, mark);
    }
    return any[0] ? replaceMarked(bytes, marked) : text;
  }

  private static String replaceMarked(byte[] bytes, @Nullable SecretName[] marked) {
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

  private void scan(TextView text, Search search, FindingHandler handler) {
    if (isEmpty()) {
      return;
    }
    for (var decoded : decodedViews(text)) {
      boolean proceed = scan(decoded, search, handler);
      if (decoded.depth > 0) {
        decoded.view.erase();
      }
      if (!proceed) {
        return;
      }
    }
  }

  /**
   * The text, and what it reads like when something is undone; those with the least undone first.
   */
  private static List<DecodedView> decodedViews(TextView text) {
    var views = new ArrayList<DecodedView>();
    views.add(new DecodedView(text, Form.PLAIN, 0));
    for (int i = 0; i < views.size() && views.size() < MAX_VIEWS; i++) {
      var from = views.get(i);
      if (from.depth == MAX_DECODING_DEPTH) {
        break;
      }
      var unescaped = from.view.unescaped();
      if (unescaped != null) {
        var form = from.form == Form.PLAIN ? Form.ESCAPED : from.form;
        views.add(new DecodedView(unescaped, form, from.depth + 1));
      }
      var decoded = from.view.percentDecoded();
      if (decoded != null) {
        views.add(new DecodedView(decoded, Form.URL_ENCODED, from.depth + 1));
      }
    }
    return views;
  }

  private boolean scan(DecodedView decoded, Search search, FindingHandler handler) {
    var view = decoded.view;
    return scan(plain, view, decoded.form, search, handler)
        && scanView(view.spacesAsPlus(), spaced, Form.URL_ENCODED, search, handler)
        && (decoded.form != Form.URL_ENCODED
            || scan(spaced, view, Form.URL_ENCODED, search, handler))
        && scanView(view.hexDigits(), hex, Form.HEX, search, handler)
        && scanView(view.base64Digits(), base64, Form.BASE64, search, handler)
        && scanView(view.numbers(), numbers, Form.NUMBERS, search, handler);
  }

  private static boolean scanView(
      @Nullable TextView view,
      PatternSet patterns,
      Form form,
      Search search,
      FindingHandler handler) {
    if (view == null) {
      return true;
    }
    boolean proceed = scan(patterns, view, form, search, handler);
    view.erase();
    return proceed;
  }

  private static boolean scan(
      PatternSet patterns, TextView view, Form form, Search search, FindingHandler handler) {
    boolean[] proceed = {true};
    search.search(
        patterns,
        view,
        (owner, start, end) -> proceed[0] = handler.onFinding(owner, form, view, start, end));
    return proceed[0];
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
