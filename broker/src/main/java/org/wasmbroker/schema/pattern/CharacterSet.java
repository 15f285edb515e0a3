package org.wasmbroker.schema.pattern;

import java.util.BitSet;
import java.util.List;

/** Some characters, or all others. */
final class CharacterSet {
  private static final int ASCII = 128;
  private static final int ITEMS_PER_UNIT = 8;

  private final List<Item> items;
  private final boolean negated;

  /** The answers for ASCII. */
  private final BitSet ascii = new BitSet(ASCII);

  CharacterSet(List<Item> items, boolean negated) {
    this.items = List.copyOf(items);
    this.negated = negated;
    for (int c = 0; c < ASCII; c++) {
      ascii.set(c, lookUp(c));
    }
  }

  static CharacterSet of(Item item) {
    return new CharacterSet(List.of(item), false);
  }

  /** What a set is made of. */
  @FunctionalInterface
  interface Item {
    boolean contains(int codePoint);

    default Item negatedIf(boolean negated) {
      return negated ? codePoint -> !contains(codePoint) : this;
    }
  }

  static final Item DIGIT = range('0', '9');
  static final Item WORD = CharacterSet::isWord;

  /** White space and line ends of ECMA-262. */
  static final Item SPACE =
      c ->
          switch (c) {
            case ' ', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF -> true;
            default -> (c >= '\t' && c <= '\r') || (c >= 0x2000 && c <= 0x200A);
          };

  static final Item LINE_END = c -> c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;

  static Item range(int first, int last) {
    return c -> c >= first && c <= last;
  }

  static Item one(int codePoint) {
    return c -> c == codePoint;
  }

  static boolean isWord(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  }

  /** How long {@link #contains} takes for a character, in comparisons beyond the first few. */
  int cost(int codePoint) {
    return codePoint < ASCII ? 0 : items.size() / ITEMS_PER_UNIT;
  }

  boolean contains(int codePoint) {
    return codePoint < ASCII ? ascii.get(codePoint) : lookUp(codePoint);
  }

  private boolean lookUp(int codePoint) {
    for (var item : items) {
      if (item.contains(codePoint)) {
        return !negated;
      }
    }
    return negated;
  }
}
