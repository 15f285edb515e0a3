package org.wasmbroker.telemetry.micrometer;

import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * One series under a name that others have chosen.
 *
 * @param name such as {@code tasker_worker_queue_depth}
 * @param type what its owner calls it, {@code gauge} or {@code counter}; it is looked up at each
 *     scrape either way
 * @param value answers at once; not a number while it is not known
 */
public record WorkerSeries(
    String name, String type, String help, Map<String, String> labels, DoubleSupplier value) {}
