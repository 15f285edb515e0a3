package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;

/**
 * Searches texts for the secret values that a step was given.
 *
 * <p>A text is searched unchanged, and with its escapes and its URL encoding decoded up to three
 * times in any order. Each of these views is searched for the values, and for their digits in hex,
 * in base64 and as numbers, whatever is between the digits. The forms of a value that are searched
 * for are in {@link SecretPatterns}.
 */
final class LeakScanner {
  private static final int MAX_VIEWS = 8;
  private static final int MAX_DECODING_DEPTH = 3;

  private final List<SecretName> owners = new ArrayList<>();
  private final SecretPatterns patterns = new SecretPatterns();

  /** A view of the text and what was decoded to get it. */
  private record DecodedView(TextView view, Form form, int depth) {}

  /** Receives a finding; returns whether to continue. */
  private interface FindingHandler {
    boolean onFinding(int owner, Form form, TextView in, int start, int end);
  }

  /** How a view is searched for one set of patterns. */
  private interface Search {
    void search(PatternSet patterns, TextView view, PatternSet.MatchHandler matches);
  }

  boolean isEmpty() {
    return owners.isEmpty();
  }

  void add(SecretName name, byte[] value) {
    int owner = owners.size();
    owners.add(name);
    patterns.add(owner, value);
  }

  /** The first value that is found, and its form. */
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
   * @param truncated whether more text followed, so that the text may end with the beginning of a
   *     value
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

  /** A value that is written as it is. */
  private record Plain(int owner, int start, int end) {}

  /**
   * A copy of the text, equally long, with what stands in for a value in the value's place, and
   * {@link StandIn#MASK} in that of each byte of another form of it; the text itself if it has
   * none.
   *
   * @param truncated whether more text followed, so that the text may end with the beginning of a
   *     value
   * @param standIns what stands in for each value, in the order in which they were added
   */
  byte[] mask(byte[] text, boolean truncated, IntFunction<byte[]> standIns) {
    var masked = text.clone();
    var plain = new ArrayList<Plain>();
    boolean[] any = {false};
    FindingHandler mark =
        (owner, form, in, start, end) -> {
          any[0] = true;
          int first = form == Form.NUMBERS ? start + 1 : start;
          int from = in.sourceStart(first);
          int to = in.sourceEnd(end - 1);
          Arrays.fill(masked, from, to, StandIn.MASK);
          if (form == Form.PLAIN) {
            plain.add(new Plain(owner, from, to));
          }
          return true;
        };
    scan(TextView.withOffsets(text), PatternSet::find, mark);
    if (truncated) {
      scan(
          TextView.withOffsets(text),
          PatternSet::findPrefixesAtEnd,
          (_, _, in, start, end) -> {
            any[0] = true;
            Arrays.fill(masked, in.sourceStart(start), in.sourceEnd(end - 1), StandIn.MASK);
            return true;
          });
    }
    for (var each : plain) {
      var standIn = new String(standIns.apply(each.owner), StandardCharsets.US_ASCII).strip();
      if (standIn.length() == each.end - each.start) {
        System.arraycopy(
            standIn.getBytes(StandardCharsets.US_ASCII), 0, masked, each.start, standIn.length());
      }
    }
    return any[0] ? masked : text;
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

  /** The text and its decoded views, those with the fewest decodings first. */
  private static List<DecodedView> decodedViews(TextView text) {
    var views = new ArrayList<DecodedView>();
    views.add(new DecodedView(text, Form.PLAIN, 0));
    for (int i = 0; i < views.size() && views.size() < MAX_VIEWS; i++) {
      var from = views.get(i);
      if (from.depth == MAX_DECODING_DEPTH) {
        break;
      }
      var unescaped = TextDecoder.unescaped(from.view);
      if (unescaped != null) {
        var form = from.form == Form.PLAIN ? Form.ESCAPED : from.form;
        views.add(new DecodedView(unescaped, form, from.depth + 1));
      }
      var decoded = TextDecoder.percentDecoded(from.view);
      if (decoded != null) {
        views.add(new DecodedView(decoded, Form.URL_ENCODED, from.depth + 1));
      }
    }
    return views;
  }

  private boolean scan(DecodedView decoded, Search search, FindingHandler handler) {
    var view = decoded.view;
    return scan(patterns.plain(), view, decoded.form, search, handler)
        && scanView(
            TextDecoder.spacesAsPlus(view), patterns.spaced(), Form.URL_ENCODED, search, handler)
        && (decoded.form != Form.URL_ENCODED
            || scan(patterns.spaced(), view, Form.URL_ENCODED, search, handler))
        && scanView(TextDecoder.hexDigits(view), patterns.hex(), Form.HEX, search, handler)
        && scanView(TextDecoder.base64Digits(view), patterns.base64(), Form.BASE64, search, handler)
        && scanView(TextDecoder.numbers(view), patterns.numbers(), Form.NUMBERS, search, handler);
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

  /** Overwrites the patterns. */
  void erase() {
    patterns.erase();
    owners.clear();
  }
}
