package org.wasmbroker.pgmq;

import java.time.Duration;

/**
 * Makes a message visible again.
 *
 * @param delay until it becomes visible
 * @param count the new value of the header that counts requeues of this kind
 */
public record Requeue(Lease lease, Duration delay, int count) {}
