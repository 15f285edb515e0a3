package org.wasmbroker.schema;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Pattern;

/**
 * A schema's regular expression, compiled by the JDK as the validator does by default. Every
 * character that it reads is charged, so that catastrophic backtracking exhausts the {@link
 * WorkBudget}.
 */
final class BoundedPattern implements RegularExpression {
  private final Pattern pattern;

  BoundedPattern(String regex) {
    pattern =
        Pattern.compile(
            RegularExpressions.replaceLongformCharacterProperties(
                RegularExpressions.replaceDollarAnchors(regex)));
  }

  @Override
  public boolean matches(String value) {
    var budget = WorkBudget.current();
    budget.chargeSchema();
    return pattern.matcher(new MeteredText(value, budget)).find();
  }

  private record MeteredText(CharSequence text, WorkBudget budget) implements CharSequence {
    @Override
    public char charAt(int index) {
      budget.chargeCharacter();
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new MeteredText(text.subSequence(start, end), budget);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
