package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/**
 * What a step was granted, and what it used of that.
 *
 * @param grants the effective grants of the step's module, a JSON object; null where nothing ran
 * @param httpCalls requests that were sent
 * @param httpBytesSent heads and bodies of requests
 * @param httpBytesReceived heads and bodies of responses, bodies after decompression
 */
public record GrantUsage(
    @Nullable Document grants, long httpCalls, long httpBytesSent, long httpBytesReceived) {

  /** Nothing was granted whose use is counted. */
  public static final GrantUsage NONE = new GrantUsage(null, 0, 0, 0);
}
