package org.wasmbroker.egress;

import com.ibm.icu.text.IDNA;
import com.ibm.icu.text.SpoofChecker;
import com.ibm.icu.text.SpoofChecker.RestrictionLevel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL's host in its one form: a name in ASCII and lower case without a dot at the end, an IPv4
 * address of four decimal numbers, or an IPv6 address in brackets.
 *
 * <p>International names are mapped and checked by UTS 46 (nontransitional); a label that mixes
 * scripts beyond UTS 39's "highly restrictive" is refused, whichever form it comes in. What ends in
 * a number is an IPv4 address or nothing: octal, hexadecimal, short and single-number forms are
 * read differently by different resolvers.
 *
 * @param address what the host says itself to be, null for a name
 */
record HostName(String text, @Nullable InetAddress address) {
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_GIVEN = 1000;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]{2,45}");
  private static final int IPV4_NUMBERS = 4;

  /** Read when the first international name comes: it takes some time and memory. */
  private static final class International {
    static final IDNA NAMES =
        IDNA.getUTS46Instance(
            IDNA.USE_STD3_RULES
                | IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ
                | IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.NONTRANSITIONAL_TO_UNICODE);
    static final SpoofChecker SCRIPTS =
        new SpoofChecker.Builder()
            .setChecks(SpoofChecker.RESTRICTION_LEVEL)
            .setRestrictionLevel(RestrictionLevel.HIGHLY_RESTRICTIVE)
            .build();
  }

  /**
   * Reads the host of a URL.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  static HostName parse(String given) {
    if (given.isEmpty()) {
      throw new IllegalArgumentException("the URL has no host");
    }
    if (given.length() > LONGEST_GIVEN) {
      throw new IllegalArgumentException("the host is too long");
    }
    if (given.startsWith("[")) {
      return ipv6(given);
    }
    var name = isPlain(given) ? given.toLowerCase(Locale.ROOT) : international(given);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    return named(name, given);
  }

  private static boolean isPlain(String given) {
    return given.chars().allMatch(c -> c < 0x80)
        && !given.toLowerCase(Locale.ROOT).contains("xn--");
  }

  private static String international(String given) {
    var info = new IDNA.Info();
    var ascii = International.NAMES.nameToASCII(given, new StringBuilder(), info).toString();
    if (info.hasErrors()) {
      throw new IllegalArgumentException("the host is no valid international name");
    }
    var unicode =
        International.NAMES.nameToUnicode(ascii, new StringBuilder(), new IDNA.Info()).toString();
    for (var label : unicode.split("\\.", -1)) {
      if (International.SCRIPTS.failsChecks(label)) {
        throw new IllegalArgumentException("the host mixes scripts within a label");
      }
    }
    return ascii.toLowerCase(Locale.ROOT);
  }

  private static HostName named(String name, String given) {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the host has 1 to %d characters, had %d".formatted(LONGEST_NAME, name.length()));
    }
    var labels = List.of(name.split("\\.", -1));
    if (NUMBER.matcher(labels.getLast()).matches()) {
      return ipv4(labels, name, given);
    }
    for (var label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException(
            "the host is made of labels of letters, digits, '-' and '_' with single dots between"
                + " them");
      }
    }
    return new HostName(name, null);
  }

  /** Only what was written in this form: an address must not come out of a mapping. */
  private static HostName ipv4(List<String> labels, String name, String given) {
    if (name.equals(given)
        && labels.size() == IPV4_NUMBERS
        && labels.stream().allMatch(HostName::isByte)) {
      return new HostName(name, InetAddress.ofLiteral(name));
    }
    throw new IllegalArgumentException(
        "a host that ends in a number is an IPv4 address of four decimal numbers");
  }

  private static boolean isByte(String label) {
    return DECIMAL.matcher(label).matches() && Integer.parseInt(label) < 256;
  }

  private static HostName ipv6(String given) {
    var lower = given.toLowerCase(Locale.ROOT);
    if (lower.endsWith("]")) {
      var text = lower.substring(1, lower.length() - 1);
      if (IPV6.matcher(text).matches() && ofLiteral(text) instanceof Inet6Address address) {
        return new HostName("[" + address.getHostAddress() + "]", address);
      }
    }
    throw new IllegalArgumentException(
        "a host in brackets is an IPv6 address without a zone, and not an IPv4 address in IPv6's"
            + " form");
  }

  private static @Nullable InetAddress ofLiteral(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }
}
