package org.wasmbroker.pgmq;

import java.time.Duration;

/**
 * The state of a queue.
 *
 * @param length messages in it
 * @param visible those that can be read now
 * @param oldest the age of the oldest; zero when there is none
 * @param total messages ever sent
 */
public record QueueMetrics(long length, long visible, Duration oldest, long total) {}
