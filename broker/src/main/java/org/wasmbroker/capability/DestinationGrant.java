package org.wasmbroker.capability;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

/**
 * A destination that a handler may use, and on what terms.
 *
 * @param networks the networks beyond the public internet that its addresses may be in
 * @param redirects how many redirects are followed, 0 to {@link #MAX_REDIRECTS}
 * @param rate how often the handler may call it, or null if it is not limited
 * @param traceContext whether its requests carry the step's trace context
 * @param rule where the policy grants it, such as {@code handlers[2].http[0]}; one rule has one
 *     rate, whichever of its destinations are called
 */
public record DestinationGrant(
    Destination destination,
    Mode mode,
    List<Network> networks,
    int redirects,
    @Nullable Rate rate,
    boolean traceContext,
    String rule) {
  public static final int MAX_REDIRECTS = 5;

  public DestinationGrant {
    networks = List.copyOf(networks);
    if (redirects < 0 || redirects > MAX_REDIRECTS) {
      throw new IllegalArgumentException(
          "redirects is 0 to " + MAX_REDIRECTS + ", was " + redirects);
    }
  }

  /** Whose requests carry the step's trace context. */
  public DestinationGrant(
      Destination destination,
      Mode mode,
      List<Network> networks,
      int redirects,
      @Nullable Rate rate,
      String rule) {
    this(destination, mode, networks, redirects, rate, true, rule);
  }

  /** The destination with no private networks, no redirects and no rate. */
  public static DestinationGrant of(Destination destination, String rule) {
    return new DestinationGrant(destination, Mode.ENFORCE, List.of(), 0, null, rule);
  }

  /** Whether the operator lists a network that the address is in. */
  public boolean includesNetworkOf(InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  DestinationGrant withDestination(Destination other) {
    return new DestinationGrant(other, mode, networks, redirects, rate, traceContext, rule);
  }

  @Override
  public String toString() {
    return destination
        + (networks.isEmpty()
            ? ""
            : networks.stream().map(Network::toString).collect(Collectors.joining(",", " in ", "")))
        + (redirects == 0 ? "" : " redirects " + redirects)
        + (rate == null ? "" : " " + rate)
        + (traceContext ? "" : " without trace context")
        + (mode == Mode.AUDIT ? " (audit)" : "")
        + " ["
        + rule
        + "]";
  }
}
