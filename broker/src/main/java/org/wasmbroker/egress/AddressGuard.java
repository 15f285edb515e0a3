package org.wasmbroker.egress;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import org.wasmbroker.grant.DestinationGrant;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.SpecialPurposeAddresses;

/** Finds a host's addresses, and lets it be reached only if every one of them may be. */
final class AddressGuard {
  /**
   * The most that are tried; a name with more is fine, the rest of them is checked all the same.
   */
  private static final int MAX_TRIED = 4;

  private final DnsResolver resolver;

  AddressGuard(DnsResolver lookups) {
    this.resolver = lookups;
  }

  /**
   * The addresses to connect to, in order; the name is not looked up again.
   *
   * @throws HttpRequestException NOT_ALLOWED if one of the host's addresses is not public, and the
   *     rule lists no network that it is in
   */
  List<InetAddress> resolve(HttpUrl url, DestinationGrant grant, HttpCall call)
      throws HttpRequestException {
    var addresses = lookup(url, call);
    for (var address : addresses) {
      check(address, grant);
    }
    return new LinkedHashSet<>(addresses).stream().limit(MAX_TRIED).toList();
  }

  /** An address of a host that the operator named. */
  InetAddress resolveUnchecked(HttpUrl url, HttpCall call) throws HttpRequestException {
    return lookup(url, call).getFirst();
  }

  private List<InetAddress> lookup(HttpUrl url, HttpCall call) throws HttpRequestException {
    var literal = url.host().address();
    return literal == null ? resolver.resolve(url.host().text(), call) : List.of(literal);
  }

  /** One bad address is enough: who answers for the name could answer with that one alone. */
  private static void check(InetAddress address, DestinationGrant grant)
      throws HttpRequestException {
    var kind = SpecialPurposeAddresses.kind(address);
    if (kind.isPresent() && !grant.includesNetworkOf(address)) {
      throw HttpRequestException.of(
          FailureType.NOT_ALLOWED,
          "address",
          "the host has an address that is not public (%s), in a network that the policy does not"
                  .formatted(kind.orElseThrow())
              + " list");
    }
  }
}
