package org.wasmbroker.app;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.dispatch.Progress;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/**
 * The components of a broker that its pages show.
 *
 * @param depths of the queues
 * @param rollout whether the rollout file is in force, and what was rolled back
 * @param phase whether steps are being processed
 * @param backlog the fill level of the report backlog, 0 to 1
 * @param progress whether steps start; null until they can
 */
record EndpointContext(
    BrokerConfig config,
    BrokerInfo info,
    WorkerIdentity worker,
    PrometheusMetrics metrics,
    StageHealth stageHealth,
    Database database,
    QueueDepths depths,
    ModuleRegistry registry,
    Supplier<Result> rollout,
    Supplier<Result> phase,
    DoubleSupplier backlog,
    Supplier<@Nullable Progress> progress) {}
