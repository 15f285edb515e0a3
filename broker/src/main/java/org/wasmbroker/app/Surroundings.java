package org.wasmbroker.app;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/**
 * The parts of a broker that its pages tell of.
 *
 * @param queues the database of the queues, often the same as {@code database}
 * @param phase whether steps are being taken
 * @param backlog the share of the report backlog that is taken
 */
record Surroundings(
    BrokerConfig config,
    About about,
    WorkerIdentity worker,
    PrometheusMetrics metrics,
    Pulse pulse,
    Database database,
    Database queues,
    HandlerResolver registry,
    Supplier<Finding> phase,
    DoubleSupplier backlog) {}
