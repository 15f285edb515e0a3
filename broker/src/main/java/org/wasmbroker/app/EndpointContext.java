package org.wasmbroker.app;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.wasmbroker.app.HealthCheck.Result;
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
record EndpointContext(
    BrokerConfig config,
    BrokerInfo info,
    WorkerIdentity worker,
    PrometheusMetrics metrics,
    StageHealth stageHealth,
    Database database,
    Database queues,
    HandlerResolver registry,
    Supplier<Result> phase,
    DoubleSupplier backlog) {}
