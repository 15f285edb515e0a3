package org.wasmbroker.app;

import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.TracesConfig;

/**
 * The complete configuration of a broker.
 *
 * @param queue settings of the standalone protocol
 * @param tasker settings of the Tasker protocol
 * @param rollout which version of a handler which steps get
 * @param secrets the sources of handlers' secrets
 * @param recording which steps are recorded
 * @param egress settings for guests' HTTP requests
 * @param limits the default limits of a run, unless its class, the policy or its manifest says
 *     otherwise
 * @param policy what is granted to which handlers
 * @param traces which steps are traced, and where their spans go
 * @param cache what steps may keep for each other
 * @param files what the files of steps may take
 * @param mcp what an MCP server offers and allows
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
    RolloutConfig rollout,
    SecretsConfig secrets,
    RecordingConfig recording,
    HttpConfig http,
    LogConfig log,
    TracesConfig traces,
    CacheConfig cache,
    FilesConfig files,
    McpConfig mcp) {

  /** The same configuration with other database settings. */
  public BrokerConfig withDatabase(DatabaseConfig other) {
    return new BrokerConfig(
        other,
        protocol,
        queue,
        tasker,
        intake,
        dispatch,
        egress,
        report,
        limits,
        policy,
        engineName,
        engine,
        registry,
        rollout,
        secrets,
        recording,
        http,
        log,
        traces,
        cache,
        files,
        mcp);
  }
}
