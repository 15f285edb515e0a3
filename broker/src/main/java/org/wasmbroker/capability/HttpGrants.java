package org.wasmbroker.capability;

import java.util.LinkedHashSet;
import java.util.List;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

/**
 * The destinations that a module requests and those that the operator grants. A request is allowed
 * if it matches one of each.
 *
 * <p>If several grants match a request, the last one in the policy sets the terms; one in mode
 * {@link Mode#AUDIT} does so only if no other matches.
 *
 * @param requested by the manifest
 * @param granted by the policy, in its order
 */
public record HttpGrants(List<Destination> requested, List<DestinationGrant> granted) {
  public static final HttpGrants NONE = new HttpGrants(List.of(), List.of());

  public HttpGrants {
    requested = List.copyOf(requested);
    granted = List.copyOf(granted);
  }

  /** Grants that request exactly what they grant. */
  public static HttpGrants of(DestinationGrant... grants) {
    var granted = List.of(grants);
    return new HttpGrants(granted.stream().map(DestinationGrant::destination).toList(), granted);
  }

  /** The decision on a request. */
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

  /** Decides on a request. */
  public Decision decide(HttpTarget target) {
    if (requested.stream().noneMatch(each -> each.matches(target))) {
      return new Decision.Refused("the handler's manifest does not request " + describe(target));
    }
    DestinationGrant chosen = null;
    for (var grant : granted.reversed()) {
      if (grant.destination().matches(target)) {
        if (grant.mode() == Mode.ENFORCE) {
          return new Decision.Allowed(grant);
        }
        chosen = chosen == null ? grant : chosen;
      }
    }
    return chosen == null
        ? new Decision.Refused("the operator's policy does not grant " + describe(target))
        : new Decision.Allowed(chosen);
  }

  private static String describe(HttpTarget target) {
    return target + " and this path";
  }

  /** The effective grants: each grant as far as the manifest requests it. */
  public List<DestinationGrant> effective() {
    var effective = new LinkedHashSet<DestinationGrant>();
    for (var grant : granted) {
      for (var destination : requested) {
        destination
            .intersect(grant.destination())
            .map(grant::withDestination)
            .ifPresent(effective::add);
      }
    }
    return List.copyOf(effective);
  }
}
