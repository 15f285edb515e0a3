package org.wasmbroker.schema;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Pattern;

/**
 * A schema's regular expression, read by the JDK as the validator does it by default, whose looks
 * at the text are counted: an expression that backtracks without end runs out of {@link Work}.
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
    var work = Work.ofThisThread();
    work.apply();
    return pattern.matcher(new Counted(value, work)).find();
  }

  private record Counted(CharSequence text, Work work) implements CharSequence {
    @Override
    public char charAt(int index) {
      work.look();
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.subSequence(start, end), work);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
