package org.wasmbroker.app;

import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;

/**
 * All that a broker is told.
 *
 * @param queue the terms of the standalone protocol
 * @param tasker the terms of work for Tasker
 * @param secrets where the values of handlers' secrets come from
 * @param egress how the requests of guests leave
 * @param limits what one run may use, unless its class, the policy or its manifest says otherwise
 * @param policy what is granted to which handlers
 */
public record BrokerConfig(
    DatabaseConfig database,
    ProtocolName protocol,
    StandaloneConfig queue,
    TaskerConfig tasker,
    IntakeConfig intake,
    DispatchConfig dispatch,
    EgressConfig egress,
    ReportConfig report,
    Limits limits,
    PolicyConfig policy,
    EngineName engineName,
    EngineConfig engine,
    RegistryConfig registry,
    SecretsConfig secrets,
    HttpConfig http,
    LogConfig log) {}
