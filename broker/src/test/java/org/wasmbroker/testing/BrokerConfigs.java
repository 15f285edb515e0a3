package org.wasmbroker.testing;

import java.time.Duration;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;

/** Configurations of whole brokers: the defaults, with any free HTTP port. */
public final class BrokerConfigs {
  private BrokerConfigs() {}

  /** A standalone broker. */
  public static BrokerConfig standalone(DatabaseConfig database) {
    return of(database, ProtocolName.STANDALONE, TaskerConfig.DEFAULTS, DispatchConfig.DEFAULTS);
  }

  /** A standalone broker with so many slots, which waits so long for its steps when it stops. */
  public static BrokerConfig standalone(DatabaseConfig database, int slots, Duration drainGrace) {
    return of(
        database,
        ProtocolName.STANDALONE,
        TaskerConfig.DEFAULTS,
        DispatchConfigs.of(slots, drainGrace));
  }

  /** A worker of Tasker. */
  public static BrokerConfig tasker(DatabaseConfig database, TaskerConfig tasker) {
    return of(database, ProtocolName.TASKER, tasker, DispatchConfig.DEFAULTS);
  }

  /** The same broker with other sources of modules. */
  public static BrokerConfig withRegistry(BrokerConfig config, RegistryConfig registry) {
    return new BrokerConfig(
        config.database(),
        config.protocol(),
        config.queue(),
        config.tasker(),
        config.intake(),
        config.dispatch(),
        config.egress(),
        config.report(),
        config.limits(),
        config.policy(),
        config.engineName(),
        config.engine(),
        registry,
        config.rollout(),
        config.secrets(),
        config.http(),
        config.log());
  }

  /** The same broker with a rollout. */
  public static BrokerConfig withRollout(BrokerConfig config, RolloutConfig rollout) {
    return new BrokerConfig(
        config.database(),
        config.protocol(),
        config.queue(),
        config.tasker(),
        config.intake(),
        config.dispatch(),
        config.egress(),
        config.report(),
        config.limits(),
        config.policy(),
        config.engineName(),
        config.engine(),
        config.registry(),
        rollout,
        config.secrets(),
        config.http(),
        config.log());
  }

  private static BrokerConfig of(
      DatabaseConfig database,
      ProtocolName protocol,
      TaskerConfig tasker,
      DispatchConfig dispatch) {
    return new BrokerConfig(
        database,
        protocol,
        StandaloneConfig.DEFAULTS,
        tasker,
        IntakeConfig.DEFAULTS,
        dispatch,
        EgressConfig.DEFAULTS,
        ReportConfig.DEFAULTS,
        Limits.DEFAULTS,
        PolicyConfig.none(Limits.DEFAULTS),
        EngineName.WASMTIME,
        EngineConfigs.cached(dispatch.slots()),
        RegistryConfig.DEFAULTS,
        RolloutConfig.NONE,
        SecretsConfig.DEFAULTS,
        new HttpConfig("127.0.0.1", 0),
        LogConfig.DEFAULTS);
  }
}
