package org.wasmbroker.schema.pattern;

import java.lang.Character.UnicodeScript;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The properties of Unicode that {@code \p{…}} may name: general categories, scripts, and a few of
 * the binary ones.
 */
final class CharacterProperty {
  private record Category(int type, String shortName, String longName) {}

  private static final List<Category> CATEGORIES =
      List.of(
          new Category(Character.UPPERCASE_LETTER, "Lu", "Uppercase_Letter"),
          new Category(Character.LOWERCASE_LETTER, "Ll", "Lowercase_Letter"),
          new Category(Character.TITLECASE_LETTER, "Lt", "Titlecase_Letter"),
          new Category(Character.MODIFIER_LETTER, "Lm", "Modifier_Letter"),
          new Category(Character.OTHER_LETTER, "Lo", "Other_Letter"),
          new Category(Character.NON_SPACING_MARK, "Mn", "Nonspacing_Mark"),
          new Category(Character.COMBINING_SPACING_MARK, "Mc", "Spacing_Mark"),
          new Category(Character.ENCLOSING_MARK, "Me", "Enclosing_Mark"),
          new Category(Character.DECIMAL_DIGIT_NUMBER, "Nd", "Decimal_Number"),
          new Category(Character.LETTER_NUMBER, "Nl", "Letter_Number"),
          new Category(Character.OTHER_NUMBER, "No", "Other_Number"),
          new Category(Character.CONNECTOR_PUNCTUATION, "Pc", "Connector_Punctuation"),
          new Category(Character.DASH_PUNCTUATION, "Pd", "Dash_Punctuation"),
          new Category(Character.START_PUNCTUATION, "Ps", "Open_Punctuation"),
          new Category(Character.END_PUNCTUATION, "Pe", "Close_Punctuation"),
          new Category(Character.INITIAL_QUOTE_PUNCTUATION, "Pi", "Initial_Punctuation"),
          new Category(Character.FINAL_QUOTE_PUNCTUATION, "Pf", "Final_Punctuation"),
          new Category(Character.OTHER_PUNCTUATION, "Po", "Other_Punctuation"),
          new Category(Character.MATH_SYMBOL, "Sm", "Math_Symbol"),
          new Category(Character.CURRENCY_SYMBOL, "Sc", "Currency_Symbol"),
          new Category(Character.MODIFIER_SYMBOL, "Sk", "Modifier_Symbol"),
          new Category(Character.OTHER_SYMBOL, "So", "Other_Symbol"),
          new Category(Character.SPACE_SEPARATOR, "Zs", "Space_Separator"),
          new Category(Character.LINE_SEPARATOR, "Zl", "Line_Separator"),
          new Category(Character.PARAGRAPH_SEPARATOR, "Zp", "Paragraph_Separator"),
          new Category(Character.CONTROL, "Cc", "Control"),
          new Category(Character.FORMAT, "Cf", "Format"),
          new Category(Character.SURROGATE, "Cs", "Surrogate"),
          new Category(Character.PRIVATE_USE, "Co", "Private_Use"),
          new Category(Character.UNASSIGNED, "Cn", "Unassigned"));

  /** The names of groups of categories, and what the short names of their members begin with. */
  private static final Map<String, String> GROUPS =
      Map.ofEntries(
          Map.entry("L", "L"),
          Map.entry("Letter", "L"),
          Map.entry("M", "M"),
          Map.entry("Mark", "M"),
          Map.entry("Combining_Mark", "M"),
          Map.entry("N", "N"),
          Map.entry("Number", "N"),
          Map.entry("P", "P"),
          Map.entry("Punctuation", "P"),
          Map.entry("punct", "P"),
          Map.entry("S", "S"),
          Map.entry("Symbol", "S"),
          Map.entry("Z", "Z"),
          Map.entry("Separator", "Z"),
          Map.entry("C", "C"),
          Map.entry("Other", "C"));

  private static final Map<String, String> ALIASES = Map.of("cntrl", "Cc", "digit", "Nd");

  private static final int CASED_LETTERS = mask("Lu") | mask("Ll") | mask("Lt");

  /** How scripts are written: each word with a capital, or a code of four letters. */
  private static final Pattern SCRIPT = Pattern.compile("[A-Z][a-z]*(_[A-Z][a-z]*)*|SignWriting");

  /** Names that one of the twins knows and the other does not. */
  private static final Pattern OTHER_SCRIPT_NAMES = Pattern.compile("Qaa[ci]|Zzzz|Unknown|Hrkt");

  private CharacterProperty() {}

  /** The property of a name, or of a name and a value around an equals sign. */
  static Optional<CharacterSet.Item> named(String name) {
    int equals = name.indexOf('=');
    if (equals >= 0) {
      var value = name.substring(equals + 1);
      return switch (name.substring(0, equals)) {
        case "General_Category", "gc" -> category(value);
        case "Script", "sc" -> script(value);
        default -> Optional.empty();
      };
    }
    return switch (name) {
      case "Any" -> Optional.of(c -> true);
      case "ASCII" -> Optional.of(c -> c < 128);
      case "Assigned" -> Optional.of(c -> Character.getType(c) != Character.UNASSIGNED);
      case "Alphabetic", "Alpha" -> Optional.of(Character::isAlphabetic);
      case "Lowercase", "Lower" -> Optional.of(Character::isLowerCase);
      case "Uppercase", "Upper" -> Optional.of(Character::isUpperCase);
      case "White_Space", "space" -> Optional.of(CharacterProperty::isWhiteSpace);
      default -> category(name);
    };
  }

  /** The binary property, which neither {@code isWhitespace} nor {@code isSpaceChar} is. */
  private static boolean isWhiteSpace(int c) {
    return c == 0x85 || (c != 0xFEFF && CharacterSet.SPACE.contains(c));
  }

  private static Optional<CharacterSet.Item> category(String name) {
    int mask = name.equals("LC") || name.equals("Cased_Letter") ? CASED_LETTERS : mask(name);
    return mask == 0
        ? Optional.empty()
        : Optional.of(c -> (mask >>> Character.getType(c) & 1) == 1);
  }

  /** The types of characters that a name stands for, a bit each. */
  private static int mask(String name) {
    var meant = ALIASES.getOrDefault(name, name);
    var group = GROUPS.get(meant);
    int mask = 0;
    for (var category : CATEGORIES) {
      boolean fits =
          group != null
              ? category.shortName.startsWith(group)
              : category.shortName.equals(meant) || category.longName.equals(meant);
      mask |= fits ? 1 << category.type : 0;
    }
    return mask;
  }

  private static Optional<CharacterSet.Item> script(String name) {
    if (!SCRIPT.matcher(name).matches() || OTHER_SCRIPT_NAMES.matcher(name).matches()) {
      return Optional.empty();
    }
    try {
      var script = UnicodeScript.forName(name);
      return Optional.of(c -> UnicodeScript.of(c) == script);
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }
}
