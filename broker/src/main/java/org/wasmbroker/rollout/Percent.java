package org.wasmbroker.rollout;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** A share from 0% to 100%, with two decimals. */
public record Percent(int hundredths) implements Comparable<Percent> {
  public static final int WHOLE = 100_00;
  public static final Percent ZERO = new Percent(0);

  private static final Pattern SHAPE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,2})?)%?");

  public Percent {
    if (hundredths < 0 || hundredths > WHOLE) {
      throw new IllegalArgumentException("must be 0% to 100%");
    }
  }

  /**
   * Such as {@code 10%}, {@code 0.25%} or {@code 10}.
   *
   * @throws IllegalArgumentException if the text is nothing of the kind
   */
  public static Percent parse(String text) {
    var number = SHAPE.matcher(text);
    if (!number.matches()) {
      throw new IllegalArgumentException(
          "must be a share with at most two decimals, such as 10%% or 0.25%%, was '%s'"
              .formatted(SafeText.sanitize(text, 40)));
    }
    int hundredths = new BigDecimal(number.group(1)).movePointRight(2).intValueExact();
    if (hundredths > WHOLE) {
      throw new IllegalArgumentException("must be 0% to 100%, was " + text);
    }
    return new Percent(hundredths);
  }

  /** How large a part is, rounded down to two decimals; 0% of nothing. */
  static Percent of(long part, long whole) {
    return whole == 0 ? ZERO : new Percent((int) Math.min(WHOLE, part * WHOLE / whole));
  }

  @Override
  public int compareTo(Percent other) {
    return Integer.compare(hundredths, other.hundredths);
  }

  @Override
  public String toString() {
    return BigDecimal.valueOf(hundredths, 2).stripTrailingZeros().toPlainString() + "%";
  }
}
