package org.wasmbroker.pgmq;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes a message visible again.
 *
 * @param delay until it becomes visible
 * @param headers a JSON object that is merged into the message's headers, or null
 */
public record Requeue(Lease lease, Duration delay, @Nullable String headers) {}
