package org.wasmbroker.testing;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
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
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.TracesConfig;

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

  /** The same broker with these records in place of its own of the same types. */
  public static BrokerConfig with(BrokerConfig config, Object... parts) {
    var components = BrokerConfig.class.getRecordComponents();
    var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      var values = new Object[types.length];
      for (int i = 0; i < types.length; i++) {
        values[i] = components[i].getAccessor().invoke(config);
      }
      for (var part : parts) {
        values[List.of(types).indexOf(typeOf(part))] = part;
      }
      return BrokerConfig.class.getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException impossible) {
      throw new LinkageError("a record that cannot be made of its own components", impossible);
    }
  }

  private static Class<?> typeOf(Object part) {
    return part instanceof Enum<?> constant ? constant.getDeclaringClass() : part.getClass();
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
        RecordingConfig.DEFAULTS,
        new HttpConfig("127.0.0.1", 0),
        LogConfig.DEFAULTS,
        TracesConfig.OFF,
        CacheConfig.DEFAULTS,
        FilesConfig.DEFAULTS,
        McpConfig.DEFAULTS);
  }
}
