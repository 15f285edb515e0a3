package org.wasmbroker.pgmq;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * A claimed message.
 *
 * @param lost whether its previous claim ended without a requeue: its lease expired
 * @param visibleSince since when it could have been claimed
 * @param message its JSON; null if it was sent as SQL null
 * @param headers its headers' JSON, or null
 */
public record LeasedMessage(
    Lease lease,
    boolean lost,
    Instant visibleSince,
    @Nullable Document message,
    @Nullable Document headers) {}
