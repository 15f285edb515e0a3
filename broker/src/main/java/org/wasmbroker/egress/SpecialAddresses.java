package org.wasmbroker.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.grant.Network;

/**
 * Which addresses are no public servers' own, after IANA's registries of special-purpose addresses
 * (RFC 6890 and its updates) and of IPv6 address space, and the addresses at which clouds tell
 * machines their secrets.
 *
 * <p>Forms of IPv6 that carry an IPv4 address are refused whole: what they lead to is decided by a
 * translator somewhere else. Beyond the list, an IPv6 address has to be global unicast, {@code
 * 2000::/3}.
 */
final class SpecialAddresses {
  private record Special(Network block, String kind) {}

  /** The first that holds an address names it. */
  private static final List<Special> V4 =
      List.of(
          of("0.0.0.0/8", "this host"),
          of("10.0.0.0/8", "private"),
          of("100.64.0.0/10", "carrier-grade NAT"),
          of("127.0.0.0/8", "loopback"),
          of("168.63.129.16/32", "cloud metadata"),
          of("169.254.169.254/32", "cloud metadata"),
          of("169.254.0.0/16", "link-local"),
          of("172.16.0.0/12", "private"),
          of("192.0.0.0/24", "protocol assignments"),
          of("192.0.2.0/24", "documentation"),
          of("192.88.99.0/24", "6to4 relays"),
          of("192.168.0.0/16", "private"),
          of("198.18.0.0/15", "benchmarking"),
          of("198.51.100.0/24", "documentation"),
          of("203.0.113.0/24", "documentation"),
          of("224.0.0.0/4", "multicast"),
          of("255.255.255.255/32", "broadcast"),
          of("240.0.0.0/4", "reserved"));

  private static final List<Special> V6 =
      List.of(
          of("::/128", "unspecified"),
          of("::1/128", "loopback"),
          of("::/96", "IPv4-compatible"),
          of("::ffff:0:0:0/96", "IPv4-translated"),
          of("64:ff9b::/96", "NAT64"),
          of("64:ff9b:1::/48", "NAT64"),
          of("100::/64", "discard"),
          of("2001::/32", "Teredo"),
          of("2001:2::/48", "benchmarking"),
          of("2001::/23", "protocol assignments"),
          of("2001:db8::/32", "documentation"),
          of("2002::/16", "6to4"),
          of("3fff::/20", "documentation"),
          of("fd00:ec2::254/128", "cloud metadata"),
          of("fc00::/7", "unique-local"),
          of("fe80::/10", "link-local"),
          of("fec0::/10", "site-local"),
          of("ff00::/8", "multicast"));

  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  private SpecialAddresses() {}

  private static Special of(String block, String kind) {
    return new Special(Network.parse(block), kind);
  }

  /** The word for what an address is; empty for an address of the public Internet. */
  static Optional<String> kind(InetAddress address) {
    boolean v4 = address instanceof Inet4Address;
    var listed =
        (v4 ? V4 : V6)
            .stream()
                .filter(special -> special.block.contains(address))
                .map(Special::kind)
                .findFirst();
    return listed.isPresent() || v4 || GLOBAL_UNICAST.contains(address)
        ? listed
        : Optional.of("reserved");
  }
}
