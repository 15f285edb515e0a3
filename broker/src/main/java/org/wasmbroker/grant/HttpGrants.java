package org.wasmbroker.grant;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * The destinations that a module asks for and those that its operator grants. A request is allowed
 * if one of each means it.
 *
 * <p>Where several grants mean a request, the last one in the policy sets the terms; one in mode
 * {@link Mode#AUDIT} only where there is no other.
 *
 * @param asked by the manifest
 * @param granted by the policy, in its order
 */
public record HttpGrants(List<Destination> asked, List<DestinationGrant> granted) {
  public static final HttpGrants NONE = new HttpGrants(List.of(), List.of());

  public HttpGrants {
    asked = List.copyOf(asked);
    granted = List.copyOf(granted);
  }

  /** Grants that ask for just what they grant. */
  public static HttpGrants of(DestinationGrant... grants) {
    var granted = List.of(grants);
    return new HttpGrants(granted.stream().map(DestinationGrant::destination).toList(), granted);
  }

  /** What becomes of a request. */
  public sealed interface Decision {
    /**
     * It is allowed.
     *
     * @param grant the terms; where its mode is {@link Mode#AUDIT}, the use is counted and logged
     */
    record Allowed(DestinationGrant grant) implements Decision {}

    /**
     * It is refused.
     *
     * @param reason for the guest's author and the operator; names no rule of the policy
     */
    record Refused(String reason) implements Decision {}
  }

  /** Decides on a request; for the parts see {@link Destination#matches}. */
  public Decision decide(String scheme, String host, int port, String path, String method) {
    if (asked.stream().noneMatch(each -> each.matches(scheme, host, port, path, method))) {
      return new Decision.Refused(
          "the handler's manifest does not ask for " + shown(scheme, host, port, method));
    }
    DestinationGrant chosen = null;
    for (var grant : granted.reversed()) {
      if (grant.destination().matches(scheme, host, port, path, method)) {
        if (grant.mode() == Mode.ENFORCE) {
          return new Decision.Allowed(grant);
        }
        chosen = chosen == null ? grant : chosen;
      }
    }
    return chosen == null
        ? new Decision.Refused(
            "the operator's policy does not grant " + shown(scheme, host, port, method))
        : new Decision.Allowed(chosen);
  }

  private static String shown(String scheme, String host, int port, String method) {
    return method + " " + scheme + "://" + host + ":" + port + " and this path";
  }

  /** What holds: each grant as far as the manifest asks for it. */
  public List<DestinationGrant> held() {
    var held = new LinkedHashSet<DestinationGrant>();
    for (var grant : granted) {
      for (var wanted : asked) {
        wanted.and(grant.destination()).map(grant::withDestination).ifPresent(held::add);
      }
    }
    return List.copyOf(held);
  }
}
