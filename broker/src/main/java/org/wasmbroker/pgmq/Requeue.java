package org.wasmbroker.pgmq;

import java.time.Duration;

/**
 * A message becomes visible again.
 *
 * @param delay after what time
 * @param count the new value of the header that counts returns of this kind
 */
public record Requeue(Lease lease, Duration delay, int count) {}
