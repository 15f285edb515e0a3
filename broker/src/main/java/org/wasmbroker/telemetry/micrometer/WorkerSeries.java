package org.wasmbroker.telemetry.micrometer;

import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * A time series whose name is given by Tasker.
 *
 * @param name such as {@code tasker_worker_queue_depth}
 * @param type how Tasker declares it, {@code gauge} or {@code counter}; either is read at each
 *     scrape
 * @param value does not block; NaN while unknown
 */
public record WorkerSeries(
    String name, String type, String help, Map<String, String> labels, DoubleSupplier value) {}
