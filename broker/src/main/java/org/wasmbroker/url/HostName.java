package org.wasmbroker.url;

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
public record HostName(String text, @Nullable InetAddress address) {
  private static final int MAX_LENGTH = 253;
  private static final int MAX_INPUT_LENGTH = 1000;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]{2,45}");
  private static final int IPV4_PARTS = 4;

  /** Read when the first international name comes: it takes some time and memory. */
  private static final class Idna {
    static final IDNA UTS46 =
        IDNA.getUTS46Instance(
            IDNA.USE_STD3_RULES
                | IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ
                | IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.NONTRANSITIONAL_TO_UNICODE);
    static final SpoofChecker SCRIPT_CHECKER =
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
  static HostName parse(String input) {
    if (input.isEmpty()) {
      throw new IllegalArgumentException("the URL has no host");
    }
    if (input.length() > MAX_INPUT_LENGTH) {
      throw new IllegalArgumentException("the host is too long");
    }
    if (input.startsWith("[")) {
      return ipv6(input);
    }
    var name = isPlainAscii(input) ? input.toLowerCase(Locale.ROOT) : toAscii(input);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    return ofName(name, input);
  }

  private static boolean isPlainAscii(String input) {
    return input.chars().allMatch(c -> c < 0x80)
        && !input.toLowerCase(Locale.ROOT).contains("xn--");
  }

  private static String toAscii(String input) {
    var info = new IDNA.Info();
    var ascii = Idna.UTS46.nameToASCII(input, new StringBuilder(), info).toString();
    if (info.hasErrors()) {
      throw new IllegalArgumentException("the host is no valid international name");
    }
    var unicode = Idna.UTS46.nameToUnicode(ascii, new StringBuilder(), new IDNA.Info()).toString();
    for (var label : unicode.split("\\.", -1)) {
      if (Idna.SCRIPT_CHECKER.failsChecks(label)) {
        throw new IllegalArgumentException("the host mixes scripts within a label");
      }
    }
    return ascii.toLowerCase(Locale.ROOT);
  }

  private static HostName ofName(String name, String input) {
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the host has 1 to %d characters, had %d".formatted(MAX_LENGTH, name.length()));
    }
    var labels = List.of(name.split("\\.", -1));
    if (NUMBER.matcher(labels.getLast()).matches()) {
      return ipv4(labels, name, input);
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
  private static HostName ipv4(List<String> labels, String name, String input) {
    if (name.equals(input)
        && labels.size() == IPV4_PARTS
        && labels.stream().allMatch(HostName::isIpv4Part)) {
      return new HostName(name, InetAddress.ofLiteral(name));
    }
    throw new IllegalArgumentException(
        "a host that ends in a number is an IPv4 address of four decimal numbers");
  }

  private static boolean isIpv4Part(String label) {
    return DECIMAL.matcher(label).matches() && Integer.parseInt(label) < 256;
  }

  private static HostName ipv6(String input) {
    var lower = input.toLowerCase(Locale.ROOT);
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
