package org.wasmbroker.pgmq;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * A message that was read.
 *
 * @param id PGMQ's {@code msg_id}
 * @param readCount how often it was read, including this time
 * @param enqueuedAt when it was sent
 * @param message its JSON; null if it was sent as SQL null
 * @param headers its headers' JSON, or null
 */
public record QueueMessage(
    long id,
    int readCount,
    Instant enqueuedAt,
    @Nullable Document message,
    @Nullable Document headers) {}
