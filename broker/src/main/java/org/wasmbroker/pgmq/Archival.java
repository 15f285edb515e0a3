package org.wasmbroker.pgmq;

import org.jspecify.annotations.Nullable;

/**
 * A message leaves its queue for the archive.
 *
 * @param result what the results queue gets, JSON; or null for nothing
 * @param resultHeaders the headers of the result, a JSON object; or null
 * @param deadLetter what the dead-letter queue gets, a JSON object to which the message and where
 *     it came from are added; or null for nothing
 */
public record Archival(
    Lease lease,
    @Nullable String result,
    @Nullable String resultHeaders,
    @Nullable String deadLetter) {}
