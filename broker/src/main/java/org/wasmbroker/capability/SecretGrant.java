package org.wasmbroker.capability;

import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;

/**
 * A secret that a handler may use.
 *
 * @param readable whether the guest may read the value; otherwise the broker alone fills it into
 *     requests
 * @param boundTo the destinations whose requests the value may be filled into
 */
public record SecretGrant(SecretName name, boolean readable, List<Destination> boundTo) {
  public SecretGrant {
    boundTo = List.copyOf(boundTo);
  }

  /** Whether the value may be part of the request with this target. */
  public boolean isBoundTo(HttpTarget target) {
    return boundTo.stream().anyMatch(each -> each.matches(target));
  }

  /** For a person. */
  String describe() {
    var destinations =
        boundTo.isEmpty()
            ? "bound to no destination"
            : boundTo.stream()
                .map(Destination::toString)
                .collect(Collectors.joining(", ", "bound to ", ""));
    return "%s (%s%s)".formatted(name, readable ? "readable, " : "", destinations);
  }
}
