package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyProblem;
import org.wasmbroker.grant.PolicyReading;
import org.wasmbroker.grant.PolicyWatch;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;

/** Makes the stages' records of the values, and finds the settings that a record refuses. */
final class Assembly {
  private static final Path NO_CACHE = Path.of("none");

  private final Values values;
  private final Map<String, String> environment;
  private final List<Problem> problems;
  private final Passwords passwords;

  Assembly(Values values, Map<String, String> environment, List<Problem> problems) {
    this.values = values;
    this.environment = environment;
    this.problems = problems;
    this.passwords = new Passwords(values, problems);
  }

  /** The records; a fallback stands where there is a problem. */
  BrokerConfig broker() {
    var dispatch =
        make(DispatchSettings.ALL, DispatchSettings::read, DispatchConfig.DEFAULTS, values);
    var limits = make(LimitSettings.ALL, LimitSettings::read, Limits.DEFAULTS, values);
    var database =
        make(
            DatabaseSettings.ALL,
            DatabaseSettings::read,
            DatabaseConfig.DEFAULTS,
            passwords.from(DatabaseSettings.PASSWORD, DatabaseSettings.PASSWORD_FILE));
    var policy = policy(limits);
    return new BrokerConfig(
        database,
        values.get(ProtocolSettings.PROTOCOL),
        make(QueueSettings.ALL, QueueSettings::read, StandaloneConfig.DEFAULTS, values),
        make(
            TaskerSettings.ALL,
            read -> TaskerSettings.read(read, database),
            TaskerConfig.DEFAULTS,
            passwords.from(TaskerSettings.QUEUE_PASSWORD, TaskerSettings.QUEUE_PASSWORD_FILE)),
        make(IntakeSettings.ALL, IntakeSettings::read, IntakeConfig.DEFAULTS, values),
        dispatch,
        make(EgressSettings.ALL, EgressSettings::read, EgressConfig.DEFAULTS, values),
        make(ReportSettings.ALL, ReportSettings::read, ReportConfig.DEFAULTS, values),
        limits,
        policy,
        values.get(EngineSettings.NAME),
        engine(dispatch, policy.initial()),
        make(RegistrySettings.ALL, RegistrySettings::read, RegistryConfig.DEFAULTS, values),
        make(SecretSettings.ALL, SecretSettings::read, SecretsConfig.DEFAULTS, values),
        make(HttpSettings.ALL, HttpSettings::read, HttpConfig.DEFAULTS, values),
        make(LogSettings.ALL, LogSettings::read, LogConfig.DEFAULTS, values));
  }

  /** The file is read now, since the engine is made for its largest class. */
  private PolicyConfig policy(Limits limits) {
    var none = PolicyConfig.none(limits);
    var config =
        make(
            PolicySettings.ALL,
            read -> new PolicyConfig(null, read.get(PolicySettings.RELOAD), none.initial()),
            none,
            values);
    var file = values.find(PolicySettings.FILE);
    if (file == null) {
      return config;
    }
    return switch (PolicyWatch.read(file, limits)) {
      case PolicyReading.Good(var policy) -> new PolicyConfig(file, config.reload(), policy);
      case PolicyReading.Broken(var found) -> {
        found.forEach(
            problem ->
                problems.add(
                    new Problem(
                        "policy.file",
                        problem.line() == 0 ? file.toString() : file + ":" + problem.line(),
                        new PolicyProblem(0, problem.place(), problem.message()).toString())));
        yield config;
      }
    };
  }

  private EngineConfig engine(DispatchConfig dispatch, Policy policy) {
    return make(
        EngineSettings.ALL,
        read ->
            EngineSettings.read(
                read, dispatch.slots(), policy.largestMemoryBytes(), compileCache()),
        EngineConfig.of(dispatch.slots()),
        values);
  }

  /**
   * A record refuses its first bad value only. So when it refuses, it is tried with each value
   * alone; and if it takes each, they do not go together.
   */
  private <C> C make(List<Setting<?>> settings, Function<Values, C> make, C fallback, Values from) {
    try {
      return make.apply(from);
    } catch (IllegalArgumentException together) {
      int known = problems.size();
      settings.forEach(setting -> refused(setting, make, from));
      if (problems.size() == known) {
        problems.add(new Problem("settings", "", String.valueOf(together.getMessage())));
      }
      return fallback;
    }
  }

  private <C> void refused(Setting<?> setting, Function<Values, C> make, Values from) {
    var given = from.given().get(setting.key());
    if (given == null) {
      return;
    }
    try {
      var _ = make.apply(from.only(setting));
    } catch (IllegalArgumentException alone) {
      var message = String.valueOf(alone.getMessage());
      var start = setting.key() + " ";
      problems.add(
          Problem.of(
              setting,
              given,
              message.startsWith(start) ? message.substring(start.length()) : message));
    }
  }

  private @Nullable Path compileCache() {
    var given = values.find(EngineSettings.COMPILE_CACHE);
    if (given != null) {
      return given.equals(NO_CACHE) ? null : given;
    }
    var caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    var root =
        caches.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
    return root.resolve("wasm-broker").resolve("compiled");
  }
}
