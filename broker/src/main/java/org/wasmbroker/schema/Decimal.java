package org.wasmbroker.schema;

import java.math.BigInteger;

/**
 * A decimal number of any size: 0.d₁d₂d₃… times a power of ten. What is done with it takes no
 * longer than its digits are many, however large it is.
 *
 * @param digits without zeros at either end; empty for zero
 */
record Decimal(boolean isNegative, String digits, long exponent) implements Comparable<Decimal> {
  /** So many significant digits has a divisor at most, as in the handlers of the catalog. */
  static final int MAX_DIVISOR_DIGITS = 38;

  static final Decimal ONE = parse("1");

  /** Larger exponents count as this one. No document is long enough to tell the difference. */
  private static final long MAX_EXPONENT = 1_000_000_000_000_000_000L;

  private static final int CHUNK = 18;

  /** A whole number that is not negative. */
  static Decimal of(int number) {
    return parse(Integer.toString(number));
  }

  /** The value of a JSON number. */
  static Decimal parse(String text) {
    boolean negative = text.charAt(0) == '-';
    int end = text.length();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == 'e' || text.charAt(i) == 'E') {
        end = i;
        break;
      }
    }
    int start = negative ? 1 : 0;
    int point = text.indexOf('.');
    boolean isPlain = point < 0 || point >= end;
    int whole = (isPlain ? end : point) - start;
    var all =
        isPlain
            ? text.substring(start, end)
            : text.substring(start, point) + text.substring(point + 1, end);
    int first = 0;
    while (first < all.length() && all.charAt(first) == '0') {
      first++;
    }
    int last = all.length();
    while (last > first && all.charAt(last - 1) == '0') {
      last--;
    }
    return first == last
        ? new Decimal(false, "", 0)
        : new Decimal(
            negative, all.substring(first, last), exponent(text, end + 1) + whole - first);
  }

  private static long exponent(String text, int start) {
    long size = 0;
    boolean negative = false;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '-') {
        negative = true;
      } else if (c != '+') {
        size = size >= MAX_EXPONENT / 10 ? MAX_EXPONENT : size * 10 + c - '0';
      }
    }
    return negative ? -size : size;
  }

  /** The power of ten of the last digit. */
  private long lastPlace() {
    return exponent - digits.length();
  }

  /** Whether there is no fraction. */
  boolean isWhole() {
    return lastPlace() >= 0;
  }

  int signum() {
    return isNegative ? -1 : Math.min(digits.length(), 1);
  }

  @Override
  public int compareTo(Decimal other) {
    if (signum() != other.signum()) {
      return Integer.compare(signum(), other.signum());
    }
    int sizes = Long.compare(exponent, other.exponent);
    if (sizes == 0) {
      sizes = digits.compareTo(other.digits);
    }
    return isNegative ? -sizes : sizes;
  }

  /** Whether this is a multiple of a divisor, which has few digits. */
  boolean isMultipleOf(Decimal of) {
    long zeros = lastPlace() - of.lastPlace();
    if (digits.isEmpty()) {
      return true;
    }
    // Both are digits that do not end with a zero, times a power of ten. If the divisor's is the
    // larger one, the quotient has a fraction.
    if (zeros < 0) {
      return false;
    }
    var divisor = new BigInteger(of.digits);
    var rest = BigInteger.ZERO;
    for (int i = 0; i < digits.length(); i += CHUNK) {
      var chunk = digits.substring(i, Math.min(i + CHUNK, digits.length()));
      rest =
          rest.multiply(BigInteger.TEN.pow(chunk.length())).add(new BigInteger(chunk)).mod(divisor);
    }
    return rest.multiply(BigInteger.TEN.modPow(BigInteger.valueOf(zeros), divisor))
            .mod(divisor)
            .signum()
        == 0;
  }
}
