package org.wasmbroker.grant;

import java.util.List;
import org.wasmbroker.url.Destination;

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

  /** Whether the value may be part of a request; for the parts see {@link Destination#matches}. */
  public boolean isBoundTo(String scheme, String host, int port, String path, String method) {
    return boundTo.stream().anyMatch(each -> each.matches(scheme, host, port, path, method));
  }
}
