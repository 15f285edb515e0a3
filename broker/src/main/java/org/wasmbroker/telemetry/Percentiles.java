package org.wasmbroker.telemetry;

import java.time.Duration;

/**
 * How long something took, over many times; zero where it never happened.
 *
 * @param count how often it happened
 * @param median half of them took no longer
 * @param p99 99 of 100 took no longer
 * @param max none took longer
 */
public record Percentiles(long count, Duration median, Duration p99, Duration max) {}
