package org.wasmbroker.egress;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.SpecialPurposeAddresses;

/** Resolves a host, and allows a request only if every one of its addresses may be reached. */
final class AddressGuard {
  /** The number of addresses that are tried. A name may have more, and all of them are checked. */
  private static final int MAX_TRIED = 4;

  private final DnsResolver resolver;

  AddressGuard(DnsResolver lookups) {
    this.resolver = lookups;
  }

  /**
   * The addresses to connect to, in order. The name is not resolved again.
   *
   * @throws HttpRequestException NOT_ALLOWED if one of the host's addresses is not public and not
   *     in a network that the rule lists
   */
  List<InetAddress> resolve(HttpUrl url, DestinationGrant grant, HttpCall call)
      throws HttpRequestException {
    var addresses = lookup(url, call);
    for (var address : addresses) {
      check(address, grant);
    }
    return new LinkedHashSet<>(addresses).stream().limit(MAX_TRIED).toList();
  }

  /** An address of a host that the operator configured. */
  InetAddress resolveUnchecked(HttpUrl url, HttpCall call) throws HttpRequestException {
    return lookup(url, call).getFirst();
  }

  private List<InetAddress> lookup(HttpUrl url, HttpCall call) throws HttpRequestException {
    var literal = url.host().address();
    return literal == null ? resolver.resolve(url.host().text(), call) : List.of(literal);
  }

  /** One forbidden address is enough: the owner of the name could return that one alone. */
  private static void check(InetAddress address, DestinationGrant grant)
      throws HttpRequestException {
    var kind = SpecialPurposeAddresses.kind(address);
    if (kind.isPresent() && !grant.includesNetworkOf(address)) {
      throw HttpRequestException.of(
          FailureType.NOT_ALLOWED,
          "address",
          "the host has an address that is not public (%s) and not in a network that the policy"
                  .formatted(kind.orElseThrow())
              + " lists");
    }
  }
}
