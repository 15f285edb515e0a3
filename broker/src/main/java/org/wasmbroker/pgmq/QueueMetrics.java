package org.wasmbroker.pgmq;

import java.time.Duration;

/**
 * How long a queue is.
 *
 * @param length the number of messages, including those in progress or not yet visible
 * @param oldest the age of the oldest message; zero if there is none
 */
public record QueueMetrics(long length, Duration oldest) {}
