package org.wasmbroker.egress;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request document that was read; placeholders of secrets still stand in it.
 *
 * @param url as the guest wrote it
 * @param timeout for the whole exchange, null for the limit
 * @param idempotencyKey whether the broker is to add one
 */
record GuestRequest(
    String method,
    String url,
    List<RequestField> headers,
    List<RequestField> query,
    RequestBody body,
    @Nullable Duration timeout,
    boolean idempotencyKey) {
  /**
   * @param headerName in lower case
   */
  boolean hasHeader(String headerName) {
    return headers.stream()
        .anyMatch(each -> each.name().toLowerCase(Locale.ROOT).equals(headerName));
  }

  @Override
  public String toString() {
    return "GuestRequest[" + method + "]";
  }
}
