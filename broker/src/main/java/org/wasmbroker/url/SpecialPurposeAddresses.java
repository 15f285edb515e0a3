package org.wasmbroker.url;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Addresses that do not belong to public servers, according to IANA's registries of special-purpose
 * addresses (RFC 6890 and its updates) and of IPv6 address space, and the metadata addresses of
 * clouds.
 *
 * <p>IPv6 forms that embed an IPv4 address count as special altogether: where they lead is decided
 * by a translator elsewhere. Beyond the list, an IPv6 address has to be global unicast, {@code
 * 2000::/3}.
 */
public final class SpecialPurposeAddresses {
  private record Entry(Network network, String kind) {}

  /** The first entry that contains an address classifies it. */
  private static final List<Entry> V4 =
      List.of(
          entry("0.0.0.0/8", "this host"),
          entry("10.0.0.0/8", "private"),
          entry("100.64.0.0/10", "carrier-grade NAT"),
          entry("127.0.0.0/8", "loopback"),
          entry("168.63.129.16/32", "cloud metadata"),
          entry("169.254.169.254/32", "cloud metadata"),
          entry("169.254.0.0/16", "link-local"),
          entry("172.16.0.0/12", "private"),
          entry("192.0.0.0/24", "protocol assignments"),
          entry("192.0.2.0/24", "documentation"),
          entry("192.88.99.0/24", "6to4 relays"),
          entry("192.168.0.0/16", "private"),
          entry("198.18.0.0/15", "benchmarking"),
          entry("198.51.100.0/24", "documentation"),
          entry("203.0.113.0/24", "documentation"),
          entry("224.0.0.0/4", "multicast"),
          entry("255.255.255.255/32", "broadcast"),
          entry("240.0.0.0/4", "reserved"));

  private static final List<Entry> V6 =
      List.of(
          entry("::/128", "unspecified"),
          entry("::1/128", "loopback"),
          entry("::/96", "IPv4-compatible"),
          entry("::ffff:0:0:0/96", "IPv4-translated"),
          entry("64:ff9b::/96", "NAT64"),
          entry("64:ff9b:1::/48", "NAT64"),
          entry("100::/64", "discard"),
          entry("2001::/32", "Teredo"),
          entry("2001:2::/48", "benchmarking"),
          entry("2001::/23", "protocol assignments"),
          entry("2001:db8::/32", "documentation"),
          entry("2002::/16", "6to4"),
          entry("3fff::/20", "documentation"),
          entry("fd00:ec2::254/128", "cloud metadata"),
          entry("fc00::/7", "unique-local"),
          entry("fe80::/10", "link-local"),
          entry("fec0::/10", "site-local"),
          entry("ff00::/8", "multicast"));

  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  private SpecialPurposeAddresses() {}

  private static Entry entry(String network, String kind) {
    return new Entry(Network.parse(network), kind);
  }

  /** The classification of an address; empty for an address of the public Internet. */
  public static Optional<String> kind(InetAddress address) {
    boolean v4 = address instanceof Inet4Address;
    var listed =
        (v4 ? V4 : V6)
            .stream().filter(entry -> entry.network.contains(address)).map(Entry::kind).findFirst();
    return listed.isPresent() || v4 || GLOBAL_UNICAST.contains(address)
        ? listed
        : Optional.of("reserved");
  }
}
