package org.wasmbroker.url;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** A range of addresses, such as {@code 10.1.0.0/16}, {@code fd00:1::/32} or {@code 192.0.2.7}. */
public final class Network {
  private static final Pattern BITS = Pattern.compile("0|[1-9][0-9]{0,2}");

  private final byte[] prefix;
  private final int bits;

  private Network(byte[] first, int bits) {
    this.prefix = first;
    this.bits = bits;
  }

  /**
   * @throws IllegalArgumentException if it is not a valid network; the message says why
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    var address = address(slash < 0 ? text : text.substring(0, slash), text);
    int maxBits = address.length * 8;
    if (slash < 0) {
      return new Network(address, maxBits);
    }
    var digits = text.substring(slash + 1);
    if (!BITS.matcher(digits).matches() || Integer.parseInt(digits) > maxBits) {
      throw invalid(text, "must have 0 to " + maxBits + " bits after the slash");
    }
    int bits = Integer.parseInt(digits);
    var first = address.clone();
    mask(first, bits);
    if (!Arrays.equals(first, address)) {
      throw invalid(text, "with " + bits + " bits must begin at " + new Network(first, bits));
    }
    return new Network(first, bits);
  }

  private static byte[] address(String text, String whole) {
    var address = text.indexOf(':') < 0 ? IpLiterals.ipv4(text) : IpLiterals.ipv6(text);
    if (address == null) {
      throw invalid(
          whole, "must be an address and a number of bits, such as 10.1.0.0/16 or fd00:1::/32");
    }
    return address.getAddress();
  }

  private static void mask(byte[] address, int bits) {
    for (int i = 0; i < address.length; i++) {
      int kept = Math.clamp(bits - 8L * i, 0, 8);
      address[i] &= (byte) (0xff << (8 - kept));
    }
  }

  private static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(
        "a network " + rule + ", was '" + SafeText.sanitize(text, 100) + "'");
  }

  public boolean contains(InetAddress address) {
    var bytes = address.getAddress();
    if (bytes.length != prefix.length) {
      return false;
    }
    mask(bytes, bits);
    return Arrays.equals(bytes, prefix);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network network
        && bits == network.bits
        && Arrays.equals(prefix, network.prefix);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(prefix) + bits;
  }

  @Override
  public String toString() {
    try {
      return IpLiterals.text(InetAddress.getByAddress(prefix)) + "/" + bits;
    } catch (UnknownHostException ofFourOrSixteenBytes) {
      throw new IllegalStateException(ofFourOrSixteenBytes);
    }
  }
}
