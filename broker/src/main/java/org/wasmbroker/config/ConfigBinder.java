package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.Rollout;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.rollout.RolloutReadResult;
import org.wasmbroker.rollout.RolloutReader;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.OtelEnvironment;
import org.wasmbroker.telemetry.otel.TracesConfig;

/** Builds the stages' config records from the values, and finds the settings that they reject. */
final class ConfigBinder {
  private static final Path NO_CACHE = Path.of("none");

  private final SettingValues values;
  private final Map<String, String> environment;
  private final List<Problem> problems;
  private final PasswordFiles passwords;

  ConfigBinder(SettingValues values, Map<String, String> environment, List<Problem> problems) {
    this.values = values;
    this.environment = environment;
    this.problems = problems;
    this.passwords = new PasswordFiles(values, problems);
  }

  /** The records; defaults replace those with problems. */
  BrokerConfig broker() {
    var dispatch =
        bind(DispatchSettings.ALL, DispatchSettings::read, DispatchConfig.DEFAULTS, values);
    var limits = bind(LimitSettings.ALL, LimitSettings::read, Limits.DEFAULTS, values);
    var database =
        bind(
            DatabaseSettings.ALL,
            DatabaseSettings::read,
            DatabaseConfig.DEFAULTS,
            passwords.with(DatabaseSettings.PASSWORD, DatabaseSettings.PASSWORD_FILE));
    var policy = policy(limits);
    return new BrokerConfig(
        database,
        values.get(ProtocolSettings.PROTOCOL),
        bind(QueueSettings.ALL, QueueSettings::read, StandaloneConfig.DEFAULTS, values),
        bind(
            TaskerSettings.ALL,
            read -> TaskerSettings.read(read, database),
            TaskerConfig.DEFAULTS,
            passwords.with(TaskerSettings.QUEUE_PASSWORD, TaskerSettings.QUEUE_PASSWORD_FILE)),
        bind(IntakeSettings.ALL, IntakeSettings::read, IntakeConfig.DEFAULTS, values),
        dispatch,
        bind(EgressSettings.ALL, EgressSettings::read, EgressConfig.DEFAULTS, values),
        bind(ReportSettings.ALL, ReportSettings::read, ReportConfig.DEFAULTS, values),
        limits,
        policy,
        values.get(EngineSettings.NAME),
        engine(dispatch, policy.initial()),
        bind(
            RegistrySettings.ALL,
            read -> RegistrySettings.read(read, cache(RegistrySettings.STORE, "modules")),
            RegistryConfig.DEFAULTS,
            values),
        rollout(),
        bind(SecretSettings.ALL, SecretSettings::read, SecretsConfig.DEFAULTS, values),
        bind(
            RecordSettings.ALL,
            read -> RecordSettings.read(read, recordings()),
            RecordingConfig.DEFAULTS,
            values),
        bind(HttpSettings.ALL, HttpSettings::read, HttpConfig.DEFAULTS, values),
        bind(LogSettings.ALL, LogSettings::read, LogConfig.DEFAULTS, values),
        traces(),
        bind(CacheSettings.ALL, CacheSettings::read, CacheConfig.DEFAULTS, values),
        bind(FilesSettings.ALL, FilesSettings::read, FilesConfig.DEFAULTS, values),
        bind(McpSettings.ALL, McpSettings::read, McpConfig.DEFAULTS, values));
  }

  /** Reads the policy file now, because the engine is created for its largest class. */
  private PolicyConfig policy(Limits limits) {
    var none = PolicyConfig.none(limits);
    var config =
        bind(
            PolicySettings.ALL,
            read -> new PolicyConfig(null, read.get(PolicySettings.RELOAD), none.initial()),
            none,
            values);
    var file = values.find(PolicySettings.FILE);
    if (file == null) {
      return config;
    }
    return switch (PolicyWatcher.read(file, limits)) {
      case PolicyReadResult.Valid(var policy) -> new PolicyConfig(file, config.reload(), policy);
      case PolicyReadResult.Invalid(var found) -> {
        problems.addAll(found);
        yield config;
      }
    };
  }

  private TracesConfig traces() {
    var standard = OtelEnvironment.read(environment, problems);
    return bind(
        TraceSettings.ALL, read -> TraceSettings.read(read, standard), TracesConfig.OFF, values);
  }

  /** Reads the rollout file now, so that no step runs before it is known to be valid. */
  private RolloutConfig rollout() {
    var config =
        bind(
            RolloutSettings.ALL,
            read -> new RolloutConfig(null, read.get(RolloutSettings.RELOAD), Rollout.NONE),
            RolloutConfig.NONE,
            values);
    var file = values.find(RolloutSettings.FILE);
    if (file == null) {
      return config;
    }
    return switch (RolloutReader.read(file)) {
      case RolloutReadResult.Valid(var rollout) ->
          new RolloutConfig(file, config.reload(), rollout);
      case RolloutReadResult.Invalid(var found) -> {
        problems.addAll(found);
        yield config;
      }
    };
  }

  private EngineConfig engine(DispatchConfig dispatch, Policy policy) {
    return bind(
        EngineSettings.ALL,
        read ->
            EngineSettings.read(
                read,
                dispatch.slots(),
                policy.largestMemoryBytes(),
                cache(EngineSettings.COMPILE_CACHE, "compiled")),
        EngineConfig.of(dispatch.slots()),
        values);
  }

  /**
   * A record reports only its first bad value. So if it rejects the values, it is tried with each
   * value alone; if each is accepted, their combination is the problem.
   */
  private <C> C bind(
      List<Setting<?>> settings,
      Function<SettingValues, C> constructor,
      C defaults,
      SettingValues from) {
    try {
      return constructor.apply(from);
    } catch (IllegalArgumentException rejected) {
      int known = problems.size();
      settings.forEach(setting -> reportIfRejected(setting, constructor, from));
      if (problems.size() == known) {
        problems.add(
            new Problem(Location.of("settings"), "", String.valueOf(rejected.getMessage())));
      }
      return defaults;
    }
  }

  private <C> void reportIfRejected(
      Setting<?> setting, Function<SettingValues, C> constructor, SettingValues from) {
    var raw = from.raw().get(setting.key());
    if (raw == null) {
      return;
    }
    try {
      var _ = constructor.apply(from.withOnly(setting));
    } catch (IllegalArgumentException rejected) {
      var message = String.valueOf(rejected.getMessage());
      var start = setting.key() + " ";
      problems.add(
          raw.problem(
              setting, message.startsWith(start) ? message.substring(start.length()) : message));
    }
  }

  private Path recordings() {
    var configured = values.find(RecordSettings.DIRECTORY);
    return configured == null
        ? home("XDG_STATE_HOME", ".local/state").resolve("wasm-broker").resolve("recordings")
        : configured;
  }

  /** A directory that is beside the user's other caches unless the setting says otherwise. */
  private @Nullable Path cache(Setting<Path> setting, String name) {
    var raw = values.find(setting);
    if (raw != null) {
      return raw.equals(NO_CACHE) ? null : raw;
    }
    return home("XDG_CACHE_HOME", ".cache").resolve("wasm-broker").resolve(name);
  }

  /** A directory of the user's that a variable may name. */
  private Path home(String variable, String standard) {
    var configured = environment.getOrDefault(variable, "");
    return configured.isBlank()
        ? Path.of(System.getProperty("user.home"), standard)
        : ProcessText.path(configured);
  }
}
