package org.wasmbroker.url;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * Which hosts are meant: one ({@code api.example.com}, {@code 192.0.2.1}, {@code [2001:db8::1]}),
 * those of a domain ({@code *.example.com}), or all ({@code *}).
 *
 * <p>A star stands for exactly one whole label, as in TLS certificates: {@code *.example.com} means
 * {@code api.example.com}, and neither {@code example.com} nor {@code a.b.example.com} nor {@code
 * evilexample.com}. Names are in their ASCII form and lower case.
 */
public record HostPattern(String text) {
  private static final String WILDCARD = "*";
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMERIC = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern ASCII = Pattern.compile("\\p{ASCII}*");
  private static final int MAX_LENGTH = 253;

  // After the patterns that its check needs.
  public static final HostPattern ANY = new HostPattern("*");

  /**
   * @throws IllegalArgumentException if it is no such pattern; the message says why
   */
  public HostPattern {
    if (!ASCII.matcher(text).matches()) {
      throw invalid(text, "is written in its ASCII form, such as xn--bcher-kva.example");
    }
    text = text.toLowerCase(Locale.ROOT);
    if (text.startsWith("[")) {
      text = normalizeAddress(text);
    } else if (!text.equals(WILDCARD)) {
      check(text);
    }
  }

  private static void check(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw invalid(text, "has 1 to " + MAX_LENGTH + " characters");
    }
    var labels = List.of(text.split("\\.", -1));
    if (NUMERIC.matcher(labels.getLast()).matches()) {
      checkAddress(text);
      return;
    }
    boolean named = false;
    for (var label : labels) {
      if (label.equals(WILDCARD) && !named) {
        continue;
      }
      named = true;
      if (label.contains(WILDCARD)) {
        throw invalid(
            text, "has a star only for a whole label at the front, such as *.example.com");
      }
      if (!LABEL.matcher(label).matches()) {
        throw invalid(
            text, "is made of labels of a-z, 0-9, '-' and '_' with single dots between them");
      }
    }
    if (!named) {
      throw invalid(text, "names a domain after its stars; a single * means every host");
    }
  }

  private static void checkAddress(String text) {
    try {
      if (InetAddress.ofLiteral(text).getHostAddress().equals(text)) {
        return;
      }
    } catch (IllegalArgumentException notAnAddress) {
      // told below, together with octal and short forms, which resolvers read differently
    }
    throw invalid(text, "that ends in a number is an IPv4 address of four decimal numbers");
  }

  /** The one form of an IPv6 address, so that both sides of a comparison have it. */
  private static String normalizeAddress(String text) {
    if (text.endsWith("]") && text.length() > 2 && text.indexOf('%') < 0) {
      try {
        var address = InetAddress.ofLiteral(text.substring(1, text.length() - 1));
        if (address instanceof Inet6Address) {
          return "[" + address.getHostAddress() + "]";
        }
      } catch (IllegalArgumentException notAnAddress) {
        // told below
      }
    }
    throw invalid(text, "in brackets is an IPv6 address without a zone, such as [2001:db8::1]");
  }

  private static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(
        "a host " + rule + ", was '" + SafeText.sanitize(text, 100) + "'");
  }

  /**
   * Whether the host is one of them.
   *
   * @param host in ASCII and lower case, without a dot at the end; an IPv6 address in brackets
   */
  public boolean matches(String host) {
    if (text.equals(WILDCARD)) {
      return !host.isEmpty();
    }
    if (text.startsWith("[")) {
      return host.startsWith("[") && text.equals(normalizeAddressOrEmpty(host));
    }
    if (!text.startsWith(WILDCARD)) {
      return text.equals(host);
    }
    var labels = List.of(host.split("\\.", -1));
    return !NUMERIC.matcher(labels.getLast()).matches() && matches(labels);
  }

  private boolean matches(List<String> labels) {
    var pattern = List.of(text.split("\\.", -1));
    if (pattern.size() != labels.size()) {
      return false;
    }
    for (int i = 0; i < labels.size(); i++) {
      boolean star = pattern.get(i).equals(WILDCARD);
      if (star ? labels.get(i).isEmpty() : !pattern.get(i).equals(labels.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String normalizeAddressOrEmpty(String host) {
    try {
      return normalizeAddress(host);
    } catch (IllegalArgumentException notAnAddress) {
      return "";
    }
  }

  /** The hosts that both mean; empty if there are none. */
  Optional<HostPattern> intersect(HostPattern other) {
    if (text.equals(WILDCARD) || text.equals(other.text)) {
      return Optional.of(other);
    }
    if (other.text.equals(WILDCARD)) {
      return Optional.of(this);
    }
    if (text.startsWith("[") || other.text.startsWith("[")) {
      return Optional.empty();
    }
    var mine = List.of(text.split("\\.", -1));
    var theirs = List.of(other.text.split("\\.", -1));
    if (mine.size() != theirs.size()) {
      return Optional.empty();
    }
    var both = new ArrayList<String>();
    for (int i = 0; i < mine.size(); i++) {
      if (mine.get(i).equals(WILDCARD)) {
        both.add(theirs.get(i));
      } else if (theirs.get(i).equals(WILDCARD) || theirs.get(i).equals(mine.get(i))) {
        both.add(mine.get(i));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new HostPattern(String.join(".", both)));
  }

  @Override
  public String toString() {
    return text;
  }
}
