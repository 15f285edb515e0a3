package org.wasmbroker.telemetry;

import java.time.Duration;

/**
 * The percentiles of a duration; zero where nothing was recorded.
 *
 * @param count how many values were recorded
 */
public record Percentiles(long count, Duration median, Duration p99, Duration max) {}
