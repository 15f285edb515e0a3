package org.wasmbroker.pgmq;

import org.jspecify.annotations.Nullable;

/**
 * Moves a message from its queue to the archive.
 *
 * @param result what is sent to the results queue, JSON; or null
 * @param resultHeaders the headers of the result, a JSON object; or null
 * @param deadLetter what is sent to the dead-letter queue, a JSON object to which the message and
 *     its origin are added; or null
 */
public record Archival(
    Lease lease,
    @Nullable String result,
    @Nullable String resultHeaders,
    @Nullable String deadLetter) {}
