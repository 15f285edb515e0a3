package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecialPurposeAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, this host",
    "0.255.255.255, this host",
    "10.0.0.0, private",
    "10.255.255.255, private",
    "100.64.0.0, carrier-grade NAT",
    "100.100.100.200, carrier-grade NAT",
    "100.127.255.255, carrier-grade NAT",
    "127.0.0.1, loopback",
    "127.255.255.255, loopback",
    "168.63.129.16, cloud metadata",
    "169.254.169.254, cloud metadata",
    "169.254.0.1, link-local",
    "169.254.170.2, link-local",
    "172.16.0.0, private",
    "172.31.255.255, private",
    "192.0.0.192, protocol assignments",
    "192.0.2.255, documentation",
    "192.88.99.1, 6to4 relays",
    "192.168.0.0, private",
    "192.168.255.255, private",
    "198.18.0.0, benchmarking",
    "198.19.255.255, benchmarking",
    "198.51.100.7, documentation",
    "203.0.113.255, documentation",
    "224.0.0.1, multicast",
    "239.255.255.255, multicast",
    "240.0.0.1, reserved",
    "255.255.255.255, broadcast",
    "::, unspecified",
    "::1, loopback",
    "::7f00:1, IPv4-compatible",
    "::127.0.0.1, IPv4-compatible",
    "::ffff:0:127.0.0.1, IPv4-translated",
    "64:ff9b::7f00:1, NAT64",
    "64:ff9b::169.254.169.254, NAT64",
    "64:ff9b:1::1, NAT64",
    "64:ff9b:1:ffff::1, NAT64",
    "100::1, discard",
    "2001::1, Teredo",
    "2001:0:ffff::1, Teredo",
    "2001:2::1, benchmarking",
    "2001:10::1, protocol assignments",
    "2001:20::1, protocol assignments",
    "2001:db8:ffff::1, documentation",
    "2002:7f00:1::1, 6to4",
    "3fff:fff::1, documentation",
    "fd00:ec2::254, cloud metadata",
    "fc00::1, unique-local",
    "fdff::1, unique-local",
    "fe80::1, link-local",
    "febf::1, link-local",
    "fec0::1, site-local",
    "ff02::1, multicast",
    "4000::1, reserved",
    "5f00::1, reserved",
    "1000::1, reserved",
    "::1:0:0:0, reserved",
  })
  void specialPurposeAddressesAreClassified(String address, String kind) {
    assertThat(SpecialPurposeAddresses.kind(InetAddress.ofLiteral(address))).hasValue(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2001:4860:4860::8888",
        "2001:200::1",
        "2003::1",
        "2a00:1450::1",
        "3ffe::1"
      })
  void publicAddressesAreNotSpecial(String address) {
    assertThat(SpecialPurposeAddresses.kind(InetAddress.ofLiteral(address))).isEmpty();
  }

  @Test
  void anIpv4MappedAddressIsClassifiedAsItsIpv4Address() throws Exception {
    var mapped =
        InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1});

    assertThat(SpecialPurposeAddresses.kind(mapped)).hasValue("loopback");
  }
}
