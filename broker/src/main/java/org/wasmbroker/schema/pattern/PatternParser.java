package org.wasmbroker.schema.pattern;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of a pattern. Beyond the grammar that the flag {@code u} has, three things are
 * read whose meaning nobody doubts: a backslash before any ASCII character that is neither a letter
 * nor a digit, {@code ]} and {@code }} outside of classes and repetitions, and a hyphen next to
 * {@code \w} or another set within a class.
 */
final class PatternParser {
  private static final int MAX_DEPTH = 100;
  private static final int END = -1;
  private static final String REPEATS_NOTHING =
      "a '{' repeats nothing; write \\{ for the character";

  private final int[] pattern;
  private int at;

  private PatternParser(String pattern) {
    this.pattern = pattern.codePoints().toArray();
  }

  static PatternNode parse(String pattern) throws InvalidPatternException {
    var parser = new PatternParser(pattern);
    var node = parser.choice(0);
    if (parser.peek() != END) {
      throw parser.error("a ')' closes no group");
    }
    return node;
  }

  /** What stands for itself in a class, or for many. */
  private sealed interface Atom {
    record One(int codePoint) implements Atom {}

    record Many(CharacterSet.Item item) implements Atom {}
  }

  private InvalidPatternException error(String reason) {
    return new InvalidPatternException(reason, at);
  }

  private InvalidPatternException errorAt(int place, String reason) {
    return new InvalidPatternException(reason, place);
  }

  private int peek() {
    return peek(0);
  }

  private int peek(int ahead) {
    return at + ahead < pattern.length ? pattern[at + ahead] : END;
  }

  private int next() {
    return at < pattern.length ? pattern[at++] : END;
  }

  private boolean take(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (peek(i) != text.charAt(i)) {
        return false;
      }
    }
    at += text.length();
    return true;
  }

  private PatternNode choice(int depth) throws InvalidPatternException {
    if (depth > MAX_DEPTH) {
      throw error("groups are nested deeper than " + MAX_DEPTH + " levels");
    }
    var choices = new ArrayList<PatternNode>();
    do {
      choices.add(sequence(depth));
    } while (take("|"));
    return new PatternNode.Choice(List.copyOf(choices));
  }

  private PatternNode sequence(int depth) throws InvalidPatternException {
    var nodes = new ArrayList<PatternNode>();
    while (peek() != END && peek() != '|' && peek() != ')') {
      int start = at;
      var node = term(depth);
      var repeated = repeated(node);
      if (repeated != null
          && (node instanceof PatternNode.Assertion || node instanceof PatternNode.Look)) {
        throw errorAt(start, "an assertion cannot be repeated");
      }
      nodes.add(repeated == null ? node : repeated);
    }
    return new PatternNode.Sequence(List.copyOf(nodes));
  }

  private PatternNode term(int depth) throws InvalidPatternException {
    int start = at;
    int c = next();
    return switch (c) {
      case '^' -> new PatternNode.Assertion(PatternNode.Assertion.Kind.START);
      case '$' -> new PatternNode.Assertion(PatternNode.Assertion.Kind.END);
      case '(' -> group(start, depth);
      case '.' -> one(CharacterSet.LINE_END.negatedIf(true));
      case '[' -> new PatternNode.One(characterClass(start));
      case '\\' -> escape(start);
      case '*', '+', '?' -> throw errorAt(start, "there is nothing to repeat");
      case '{' -> throw errorAt(start, REPEATS_NOTHING);
      default -> one(CharacterSet.one(c));
    };
  }

  private static PatternNode one(CharacterSet.Item item) {
    return new PatternNode.One(CharacterSet.of(item));
  }

  private PatternNode group(int start, int depth) throws InvalidPatternException {
    boolean look = false;
    boolean behind = false;
    boolean negated = false;
    if (take("?")) {
      if (take("=") || take("!")) {
        look = true;
        negated = pattern[at - 1] == '!';
      } else if (take("<=") || take("<!")) {
        look = true;
        behind = true;
        negated = pattern[at - 1] == '!';
      } else if (take("<")) {
        groupName(start);
      } else if (!take(":")) {
        throw errorAt(start, "a group of this kind is not served");
      }
    }
    var inner = choice(depth + 1);
    if (!take(")")) {
      throw errorAt(start, "a group is not closed");
    }
    return look ? new PatternNode.Look(behind, negated, inner) : inner;
  }

  private void groupName(int start) throws InvalidPatternException {
    int first = at;
    for (int c = next(); c != END; c = next()) {
      boolean isFirst = at == first + 1;
      if (c == '>' && !isFirst) {
        return;
      }
      boolean isDigit = c >= '0' && c <= '9';
      if (!(c == '$' || CharacterSet.isWord(c)) || (isDigit && isFirst)) {
        break;
      }
    }
    throw errorAt(start, "the name of a group consists of ASCII letters, digits, _ and $");
  }

  /** The node as often as a repetition says that follows it; null if none does. */
  private PatternNode.@Nullable Repeat repeated(PatternNode node) throws InvalidPatternException {
    var repeated =
        switch (peek()) {
          case '*' -> new PatternNode.Repeat(node, 0, PatternNode.Repeat.UNBOUNDED);
          case '+' -> new PatternNode.Repeat(node, 1, PatternNode.Repeat.UNBOUNDED);
          case '?' -> new PatternNode.Repeat(node, 0, 1);
          case '{' -> counted(node);
          default -> null;
        };
    if (repeated != null) {
      at++;
      // Whether a repetition is greedy changes nothing in whether there is a match.
      take("?");
    }
    return repeated;
  }

  /** Reads the bounds of a repetition, up to the brace at their end. */
  private PatternNode.Repeat counted(PatternNode node) throws InvalidPatternException {
    int start = at++;
    int min = number();
    int max = take(",") ? number() : min;
    if (min < 0 || peek() != '}') {
      throw errorAt(start, REPEATS_NOTHING);
    }
    if (max >= 0 && max < min) {
      throw errorAt(start, "a repetition has its bounds in the wrong order");
    }
    return new PatternNode.Repeat(node, min, max);
  }

  /** A decimal number, the largest one for larger ones; -1 if there is none. */
  private int number() {
    if (!isDigit(peek())) {
      return -1;
    }
    long number = 0;
    while (isDigit(peek())) {
      number = Math.min(number * 10 + next() - '0', Integer.MAX_VALUE);
    }
    return (int) number;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private CharacterSet characterClass(int start) throws InvalidPatternException {
    boolean negated = take("^");
    var items = new ArrayList<CharacterSet.Item>();
    while (!take("]")) {
      if (peek() == END) {
        throw errorAt(start, "a class is not closed");
      }
      int place = at;
      var from = classAtom();
      boolean ranges = peek() == '-' && peek(1) != END && peek(1) != ']';
      switch (from) {
        case Atom.One(int first) when ranges -> {
          at++;
          items.add(range(first, classAtom(), place, items));
        }
        case Atom.One(int only) -> items.add(CharacterSet.one(only));
        case Atom.Many(var item) -> {
          items.add(item);
          if (ranges) {
            at++;
            items.add(CharacterSet.one('-'));
          }
        }
      }
    }
    return new CharacterSet(items, negated);
  }

  /** A range; if its end is a set, the first character and the hyphen stand for themselves. */
  private CharacterSet.Item range(int first, Atom to, int place, List<CharacterSet.Item> items)
      throws InvalidPatternException {
    switch (to) {
      case Atom.One(int last) -> {
        if (last < first) {
          throw errorAt(place, "a range has its ends in the wrong order");
        }
        return CharacterSet.range(first, last);
      }
      case Atom.Many(var item) -> {
        items.add(CharacterSet.one(first));
        items.add(CharacterSet.one('-'));
        return item;
      }
    }
  }

  private Atom classAtom() throws InvalidPatternException {
    int place = at;
    int c = next();
    if (c != '\\') {
      return new Atom.One(c);
    }
    return take("b") ? new Atom.One('\b') : characterEscape(place);
  }

  /** What comes after a backslash outside of a class. */
  private PatternNode escape(int start) throws InvalidPatternException {
    int c = peek();
    if (take("b")) {
      return new PatternNode.Assertion(PatternNode.Assertion.Kind.BOUNDARY);
    }
    if (take("B")) {
      return new PatternNode.Assertion(PatternNode.Assertion.Kind.NO_BOUNDARY);
    }
    if ((c >= '1' && c <= '9') || c == 'k') {
      throw errorAt(start, "back-references are not served");
    }
    return switch (characterEscape(start)) {
      case Atom.One(int codePoint) -> one(CharacterSet.one(codePoint));
      case Atom.Many(var item) -> one(item);
    };
  }

  private Atom characterEscape(int start) throws InvalidPatternException {
    int c = next();
    int codePoint =
        switch (c) {
          case END -> throw errorAt(start, "the pattern ends with a backslash");
          case 'd', 'D', 'w', 'W', 's', 'S', 'p', 'P' -> END;
          case 't' -> '\t';
          case 'n' -> '\n';
          case 'v' -> 0x0B;
          case 'f' -> '\f';
          case 'r' -> '\r';
          case '0' -> isDigit(peek()) ? END : 0;
          case 'c' -> control();
          case 'x' -> hex(2);
          case 'u' -> unicode();
          default -> c < 128 && !Character.isLetterOrDigit(c) ? c : END;
        };
    if (codePoint != END) {
      return new Atom.One(codePoint);
    }
    boolean negated = Character.isUpperCase(c);
    return switch (c) {
      case 'd', 'D' -> new Atom.Many(CharacterSet.DIGIT.negatedIf(negated));
      case 'w', 'W' -> new Atom.Many(CharacterSet.WORD.negatedIf(negated));
      case 's', 'S' -> new Atom.Many(CharacterSet.SPACE.negatedIf(negated));
      case 'p', 'P' -> new Atom.Many(property(start).negatedIf(negated));
      default -> throw errorAt(start, "an escape is unknown or not complete");
    };
  }

  private int control() {
    int c = next();
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? c % 32 : END;
  }

  private int hex(int digits) {
    int code = 0;
    for (int i = 0; i < digits; i++) {
      int digit = hexDigit(next());
      if (digit < 0) {
        return END;
      }
      code = code * 16 + digit;
    }
    return code;
  }

  /** The value of an ASCII digit, or -1. */
  private static int hexDigit(int c) {
    return c >= 0 && c < 128 ? Character.digit(c, 16) : -1;
  }

  /** What comes after a u: four digits, two such halves of a character, or digits in braces. */
  private int unicode() {
    if (take("{")) {
      int start = at;
      long code = 0;
      while (!take("}")) {
        int digit = hexDigit(next());
        if (digit < 0) {
          return END;
        }
        code = Math.min(code * 16 + digit, Integer.MAX_VALUE);
      }
      return at > start + 1 && code <= Character.MAX_CODE_POINT ? (int) code : END;
    }
    int first = hex(4);
    int rest = at;
    if (first >= Character.MIN_HIGH_SURROGATE
        && first <= Character.MAX_HIGH_SURROGATE
        && take("\\u")) {
      int second = hex(4);
      if (second >= Character.MIN_LOW_SURROGATE && second <= Character.MAX_LOW_SURROGATE) {
        return Character.toCodePoint((char) first, (char) second);
      }
      at = rest;
    }
    return first;
  }

  private CharacterSet.Item property(int start) throws InvalidPatternException {
    var name = new StringBuilder();
    boolean closed = false;
    if (take("{")) {
      while (!closed && peek() != END) {
        int c = next();
        closed = c == '}';
        if (!closed) {
          name.appendCodePoint(c);
        }
      }
    }
    if (!closed) {
      throw errorAt(start, "a property is written \\p{Name}");
    }
    return CharacterProperty.named(name.toString())
        .orElseThrow(() -> errorAt(start, "the property '" + name + "' is not served"));
  }
}
