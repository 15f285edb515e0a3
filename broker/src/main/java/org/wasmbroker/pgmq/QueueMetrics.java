package org.wasmbroker.pgmq;

import java.time.Duration;

/**
 * What PGMQ knows of a queue.
 *
 * @param length all its messages, also those that are being worked on or wait for their time
 * @param oldest the age of the oldest of them; zero where there are none
 */
public record QueueMetrics(long length, Duration oldest) {}
