package org.wasmbroker.url;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as text, in the forms that every parser reads alike: no octal, hexadecimal or short
 * IPv4 addresses, no zones, and no IPv4 addresses in IPv6 notation ({@code ::ffff:…}).
 */
final class IpLiterals {
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
  private static final int IPV4_PARTS = 4;
  private static final int IPV6_GROUPS = 8;

  private IpLiterals() {}

  /**
   * Whether some resolvers take a host that ends in this label for an IPv4 address.
   *
   * @param label in lower case
   */
  static boolean isNumber(String label) {
    return NUMBER.matcher(label).matches();
  }

  /** An address of four decimal numbers; null for anything else. */
  static @Nullable InetAddress ipv4(String text) {
    var parts = List.of(text.split("\\.", -1));
    return parts.size() == IPV4_PARTS && parts.stream().allMatch(IpLiterals::isIpv4Part)
        ? InetAddress.ofLiteral(text)
        : null;
  }

  private static boolean isIpv4Part(String part) {
    return DECIMAL.matcher(part).matches() && Integer.parseInt(part) < 256;
  }

  /**
   * An IPv6 address; null for anything else.
   *
   * @param text without brackets
   */
  static @Nullable InetAddress ipv6(String text) {
    try {
      return IPV6.matcher(text).matches()
              && InetAddress.ofLiteral(text) instanceof Inet6Address address
          ? address
          : null;
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }

  /**
   * An address in the text form of RFC 5952: the longest run of zeros of an IPv6 address is "::".
   */
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    var groups = new int[IPV6_GROUPS];
    var bytes = address.getAddress();
    for (int i = 0; i < IPV6_GROUPS; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int start = 0;
    int length = 1; // a single zero is not shortened
    for (int i = 0; i < IPV6_GROUPS; i++) {
      int zeros = zerosAt(groups, i);
      if (zeros > length) {
        start = i;
        length = zeros;
      }
    }
    return length == 1
        ? joined(groups, 0, IPV6_GROUPS)
        : joined(groups, 0, start) + "::" + joined(groups, start + length, IPV6_GROUPS);
  }

  private static int zerosAt(int[] groups, int start) {
    int end = start;
    while (end < groups.length && groups[end] == 0) {
      end++;
    }
    return end - start;
  }

  private static String joined(int[] groups, int from, int to) {
    return Arrays.stream(groups, from, to)
        .mapToObj(Integer::toHexString)
        .collect(Collectors.joining(":"));
  }
}
