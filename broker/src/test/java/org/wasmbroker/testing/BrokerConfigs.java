package org.wasmbroker.testing;

import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;

/** Configurations of whole brokers: the defaults, and any free port. */
public final class BrokerConfigs {
  private BrokerConfigs() {}

  public static BrokerConfig of(DatabaseConfig database, ProtocolName protocol) {
    return new BrokerConfig(
        database,
        protocol,
        StandaloneConfig.DEFAULTS,
        TaskerConfig.DEFAULTS,
        IntakeConfig.DEFAULTS,
        DispatchConfig.DEFAULTS,
        ReportConfig.DEFAULTS,
        Limits.DEFAULTS,
        EngineName.WASMTIME,
        EngineConfig.of(DispatchConfig.DEFAULTS.slots()),
        RegistryConfig.DEFAULTS,
        new HttpConfig("127.0.0.1", 0),
        LogConfig.DEFAULTS);
  }
}
