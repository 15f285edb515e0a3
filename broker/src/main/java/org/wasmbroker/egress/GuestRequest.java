package org.wasmbroker.egress;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A parsed request document, with its secret placeholders still in place.
 *
 * @param url as the guest wrote it
 * @param timeout the time limit of the whole exchange, null for the maximum
 * @param idempotencyKey whether the broker adds one
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
