package org.wasmbroker.url;

import com.ibm.icu.text.IDNA;
import com.ibm.icu.text.SpoofChecker;
import com.ibm.icu.text.SpoofChecker.RestrictionLevel;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL's host in its canonical form: a name in lower-case ASCII without a trailing dot, an IPv4
 * address of four decimal numbers, or an IPv6 address in brackets and in its short form (RFC 5952).
 *
 * <p>International names are mapped and checked by UTS 46 (nontransitional); a label that mixes
 * scripts beyond UTS 39's "highly restrictive" is refused, whichever form it comes in. A host that
 * ends in a number is an IPv4 address or refused: octal, hexadecimal, short and single-number forms
 * are read differently by different resolvers.
 *
 * @param address the address that the host is, null for a name
 */
public record HostName(String text, @Nullable InetAddress address) {
  private static final int MAX_LENGTH = 253;
  private static final int MAX_INPUT_LENGTH = 1000;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");

  /** Loaded with the first international name: it takes some time and memory. */
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
   * Reads the host of a request's URL.
   *
   * @throws IllegalArgumentException if it is not a valid host; the message says why and does not
   *     quote it
   */
  static HostName parse(String input) {
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

  /**
   * Reads a host that is in its canonical form already, except for the case of letters and the
   * notation of an IPv6 address. Such a host means the same as in {@link #parse}, which accepts
   * other forms besides.
   *
   * @throws IllegalArgumentException if it is not; the message says why and does not quote it
   */
  static HostName parseCanonical(String input) {
    if (input.startsWith("[")) {
      return ipv6(input);
    }
    var name = input.toLowerCase(Locale.ROOT);
    var host = ofName(name, name);
    if (!isPlainAscii(name) && !toAscii(name).equals(name)) {
      throw new IllegalArgumentException("the host is not in its ASCII form");
    }
    return host;
  }

  private static boolean isPlainAscii(String input) {
    return input.chars().allMatch(c -> c < 0x80)
        && !input.toLowerCase(Locale.ROOT).contains("xn--");
  }

  private static String toAscii(String input) {
    var info = new IDNA.Info();
    var ascii = Idna.UTS46.nameToASCII(input, new StringBuilder(), info).toString();
    if (info.hasErrors()) {
      throw new IllegalArgumentException("the host is not a valid international name");
    }
    var unicode = Idna.UTS46.nameToUnicode(ascii, new StringBuilder(), new IDNA.Info()).toString();
    for (var label : unicode.split("\\.", -1)) {
      if (Idna.SCRIPT_CHECKER.failsChecks(label)) {
        throw new IllegalArgumentException("the host mixes scripts within a label");
      }
    }
    return ascii.toLowerCase(Locale.ROOT);
  }

  /**
   * @param input the text that the name was mapped from: an address must not come out of a mapping
   */
  private static HostName ofName(String name, String input) {
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a host must have 1 to %d characters, had %d".formatted(MAX_LENGTH, name.length()));
    }
    var labels = List.of(name.split("\\.", -1));
    if (IpLiterals.isNumber(labels.getLast())) {
      var address = name.equals(input) ? IpLiterals.ipv4(name) : null;
      if (address == null) {
        throw new IllegalArgumentException(
            "a host that ends in a number must be an IPv4 address of four decimal numbers");
      }
      return new HostName(name, address);
    }
    for (var label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException(
            "a host must consist of labels of letters, digits, '-' and '_', separated by single"
                + " dots");
      }
    }
    return new HostName(name, null);
  }

  private static HostName ipv6(String input) {
    var address =
        input.endsWith("]") ? IpLiterals.ipv6(input.substring(1, input.length() - 1)) : null;
    if (address == null) {
      throw new IllegalArgumentException(
          "a host in brackets must be an IPv6 address without a zone, such as [2001:db8::1], and"
              + " not an IPv4 address in IPv6 notation");
    }
    return new HostName("[" + IpLiterals.text(address) + "]", address);
  }
}
