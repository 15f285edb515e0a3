package org.wasmbroker.session.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of one name of a path, such as {@code *.txt}: {@code *} stands for any characters,
 * {@code ?} for one, {@code [a-z]} for one of a set and {@code [!a-z]} for one that is not. Matched
 * in time that is bounded by the product of the lengths.
 */
public final class NamePattern {
  /** One character of the pattern; a star has no set and matches any number of characters. */
  private record Element(boolean isStar, boolean isNegated, @Nullable String set) {
    boolean matches(int character) {
      if (set == null) {
        return true;
      }
      boolean found = false;
      for (int at = 0; at < set.length(); at += 2 * Character.charCount(set.codePointAt(at))) {
        int from = set.codePointAt(at);
        int to = set.codePointAt(at + Character.charCount(from));
        found |= character >= from && character <= to;
      }
      return found != isNegated;
    }
  }

  private final List<Element> elements = new ArrayList<>();
  private final boolean matchesHidden;

  private NamePattern(List<Word.Part> name) {
    for (var part : name) {
      if (part.isPattern()) {
        addPattern(part.text());
      } else {
        part.text().codePoints().forEach(this::addLiteral);
      }
    }
    var first = name.isEmpty() ? "" : name.getFirst().text();
    this.matchesHidden = first.startsWith(".");
  }

  /** Of the parts of one name. */
  public static NamePattern of(List<Word.Part> name) {
    return new NamePattern(name);
  }

  private void addLiteral(int character) {
    var text = Character.toString(character);
    elements.add(new Element(false, false, text + text));
  }

  private void addPattern(String text) {
    for (int at = 0; at < text.length(); ) {
      int character = text.codePointAt(at);
      int end = character == '[' ? closing(text, at) : -1;
      if (end > 0) {
        addSet(text.substring(at + 1, end));
        at = end + 1;
        continue;
      }
      switch (character) {
        case '*' -> elements.add(new Element(true, false, null));
        case '?' -> elements.add(new Element(false, false, null));
        default -> addLiteral(character);
      }
      at += Character.charCount(character);
    }
  }

  /** Where the set that begins there ends; -1 if it is none. */
  private static int closing(String text, int open) {
    int from = open + 1;
    if (from < text.length() && (text.charAt(from) == '!' || text.charAt(from) == '^')) {
      from++;
    }
    return text.indexOf(']', from + 1);
  }

  private void addSet(String inner) {
    boolean negated = inner.startsWith("!") || inner.startsWith("^");
    var characters = inner.substring(negated ? 1 : 0).codePoints().toArray();
    var set = new StringBuilder();
    for (int i = 0; i < characters.length; i++) {
      int from = characters[i];
      boolean isRange = i + 2 < characters.length && characters[i + 1] == '-';
      int to = isRange ? characters[i + 2] : from;
      i += isRange ? 2 : 0;
      if (Character.charCount(from) == Character.charCount(to)) {
        set.appendCodePoint(from).appendCodePoint(to);
      } else {
        set.appendCodePoint(from).appendCodePoint(0xFFFF);
        set.appendCodePoint(0x10000).appendCodePoint(to);
      }
    }
    elements.add(new Element(false, negated, set.toString()));
  }

  /** Whether it stands for a name; one that begins with a dot has to be named with it. */
  public boolean matches(String name) {
    if (name.startsWith(".") && !matchesHidden) {
      return false;
    }
    var characters = name.codePoints().toArray();
    int at = 0;
    int element = 0;
    int lastStar = -1;
    int afterStar = 0;
    while (at < characters.length) {
      if (element < elements.size() && elements.get(element).isStar()) {
        lastStar = element++;
        afterStar = at;
      } else if (element < elements.size() && elements.get(element).matches(characters[at])) {
        element++;
        at++;
      } else if (lastStar >= 0) {
        element = lastStar + 1;
        at = ++afterStar;
      } else {
        return false;
      }
    }
    while (element < elements.size() && elements.get(element).isStar()) {
      element++;
    }
    return element == elements.size();
  }
}
