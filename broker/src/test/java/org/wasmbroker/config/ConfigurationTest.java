package org.wasmbroker.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.document.Problem;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.source.OciSources;
import org.wasmbroker.registry.store.StoreConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.TracesConfig;

class ConfigurationTest {
  private static final Map<String, String> HOME = Map.of("XDG_CACHE_HOME", "/caches");

  @TempDir Path directory;

  @Test
  void withoutSettingsEveryStageGetsItsDefaults() {
    var standard = EngineConfig.of(DispatchConfig.DEFAULTS.slots());

    assertThat(load(null, HOME, Map.of()).broker())
        .isEqualTo(
            new BrokerConfig(
                DatabaseConfig.DEFAULTS,
                ProtocolName.STANDALONE,
                StandaloneConfig.DEFAULTS,
                TaskerConfig.DEFAULTS,
                IntakeConfig.DEFAULTS,
                DispatchConfig.DEFAULTS,
                EgressConfig.DEFAULTS,
                ReportConfig.DEFAULTS,
                Limits.DEFAULTS,
                PolicyConfig.none(Limits.DEFAULTS),
                EngineName.WASMTIME,
                new EngineConfig(
                        standard.slots(),
                        standard.memoryBytes(),
                        standard.stackBytes(),
                        standard.tick(),
                        standard.moduleBytes(),
                        Path.of("/caches/wasm-broker/compiled"),
                        null)
                    .withCompile(CompileLimits.DEFAULTS),
                new RegistryConfig(
                    null,
                    RegistryConfig.DEFAULTS.rescan(),
                    new StoreConfig(Path.of("/caches/wasm-broker/modules"), 1L << 30),
                    null,
                    OciSources.NONE),
                RolloutConfig.NONE,
                SecretsConfig.DEFAULTS,
                RecordingConfig.DEFAULTS.withDirectory(
                    Path.of(
                        System.getProperty("user.home"), ".local/state/wasm-broker/recordings")),
                HttpConfig.DEFAULTS,
                LogConfig.DEFAULTS,
                TracesConfig.OFF,
                CacheConfig.DEFAULTS,
                FilesConfig.DEFAULTS,
                McpConfig.DEFAULTS));
  }

  @Test
  void flagsOverrideTheEnvironmentWhichOverridesTheFile() throws IOException {
    var file =
        file(
            """
            http:
              host: file
              port: 1
            log.level: warn
            """);
    var environment = Map.of("WASM_BROKER_HTTP_HOST", "environment", "WASM_BROKER_HTTP_PORT", "2");

    var broker = load(file, environment, Map.of("http.port", "3")).broker();

    assertThat(broker.http()).isEqualTo(new HttpConfig("environment", 3));
    assertThat(broker.log().level()).isEqualTo(Level.WARN);
  }

  @Test
  void theEnvironmentMayNameTheConfigFile() throws IOException {
    var file = file("http.port: 1234\n");

    var broker = load(null, Map.of("WASM_BROKER_CONFIG", file.toString()), Map.of()).broker();

    assertThat(broker.http().port()).isEqualTo(1234);
  }

  @Test
  void theFileMayBeJson() throws IOException {
    var file = file("{\"database\": {\"pool-size\": 9}, \"engine.name\": \"wasmtime-java\"}");

    var broker = load(file, Map.of(), Map.of()).broker();

    assertThat(broker.database().poolSize()).isEqualTo(9);
    assertThat(broker.engineName()).isEqualTo(EngineName.WASMTIME_JAVA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "{}"})
  void anEmptyFileSetsNothing(String text) throws IOException {
    assertThat(load(file(text), HOME, Map.of()).broker())
        .isEqualTo(load(null, HOME, Map.of()).broker());
  }

  @Test
  void everySettingCanBeSetFromEverySource() throws IOException {
    for (var setting : Settings.ALL) {
      var example = example(setting);
      var file = file(setting.key() + ": '" + example + "'\n");

      assertThat(origin(setting, load(file, Map.of(), withCompanions(setting, Map.of()))))
          .as(setting.key())
          .isEqualTo(file + ":1:1");
      assertThat(
              origin(
                  setting,
                  load(
                      null,
                      Map.of(setting.environmentVariable(), example),
                      withCompanions(setting, Map.of()))))
          .isEqualTo("environment variable " + setting.environmentVariable());
      assertThat(
              origin(
                  setting,
                  load(null, Map.of(), withCompanions(setting, Map.of(setting.key(), example)))))
          .isEqualTo("command line");
    }
  }

  @Test
  void allProblemsAreReportedTogetherWithTheirOrigin() throws IOException {
    var file =
        file(
            """
            database:
              pool-size: many
              passwort: geheim
            dispatch:
              slots: 0
              prefetch-max: -1
            """);

    var problems =
        problems(
            file,
            Map.of("WASM_BROKER_LIMITS_TIME", "30", "WASM_BROKER_HTTP_PROT", "1"),
            Map.of("log.format", "xml"));

    assertThat(problems)
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            file + ":2:3: database.pool-size = many: must be a whole number",
            file + ":3:3: database.passwort: is unknown; did you mean 'database.password'?",
            file + ":5:3: dispatch.slots = 0: must be 1 to 4096, was 0",
            file + ":6:3: dispatch.prefetch-max = -1: must be 0 to 100000, was -1",
            "environment variable WASM_BROKER_LIMITS_TIME: limits.time = 30: must be a number with"
                + " us, ms, s, m, h or d, such as 30s or 250ms, or ISO-8601 such as PT5M",
            "environment: WASM_BROKER_HTTP_PROT: is unknown; did you mean"
                + " 'WASM_BROKER_HTTP_PORT'?",
            "command line: log.format = xml: must be text or json");
  }

  @Test
  void problemsOfTheVariablesOfTracesAreReportedWithAllOthers() {
    var environment =
        Map.of("OTEL_TRACES_EXPORTER", "zipkin", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318");
    assertThat(problems(null, environment, Map.of("log.format", "xml")))
        .extracting(Problem::toString)
        .hasSize(2)
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .startsWith(
                        "environment variable OTEL_TRACES_EXPORTER: must be otlp or none, was"
                            + " 'zipkin'"));
  }

  @Test
  void tracesAreConfiguredByTheStandardVariablesAndTwoSettings() {
    var environment = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318");
    var traces = load(null, environment, Map.of("traces.guest-lines", "0")).broker().traces();
    assertThat(traces.isOn()).isTrue();
    assertThat(traces.guestLines()).isZero();
  }

  @Test
  void policyProblemsAreReportedWithAllOthers() throws IOException {
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            handlers:
              - handler: transform
                htpp: https://example.com
                class: huge
            """);

    var problems =
        problems(null, Map.of(), Map.of("policy.file", policy.toString(), "log.format", "xml"));

    assertThat(problems)
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            policy
                + ":3:5: /handlers/0/htpp: is unknown; did you mean 'http'? (available: handler,"
                + " versions, functions, time-resolution, mode, http, secrets, readable-secrets,"
                + " new-steps, cache, files, environment, class, limits, new-work)",
            policy + ":4:5: /handlers/0/class: must be one of text, image, media, was 'huge'",
            "command line: log.format = xml: must be text or json");
  }

  @Test
  void aMissingPolicyOrRolloutFileIsAProblem() {
    assertThat(problems(null, Map.of(), Map.of("rollout.file", "/nowhere/rollout.yaml")))
        .extracting(Object::toString)
        .containsExactly("/nowhere/rollout.yaml: no such file");
    assertThat(problems(null, Map.of(), Map.of("rollout.reload", "10ms")))
        .singleElement()
        .asString()
        .endsWith("rollout.reload = 10ms: must be 100 ms to 1 h, was PT0.01S");
    assertThat(problems(null, Map.of(), Map.of("policy.file", "/nowhere/policy.yaml")))
        .extracting(Problem::toString)
        .containsExactly("/nowhere/policy.yaml: no such file");
  }

  @Test
  void whatIsRecordedIsWithinBounds() {
    assertThat(problems(null, Map.of(), Map.of("record.largest", "1KiB", "record.sample", "150%")))
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            "command line: record.sample = 150%: must be a share from 0% to 100% with at most two"
                + " decimals",
            "command line: record.largest = 1KiB: must be 4 KiB to 32 MiB, was 1024 bytes");
    assertThat(
            problems(null, Map.of(), Map.of("record.largest", "8MiB", "record.keep-size", "2MiB")))
        .singleElement()
        .asString()
        .contains("one recording would not fit into what is kept: must be at most 2097152 bytes");
    assertThat(problems(null, Map.of(), Map.of("record.handlers", "Report*")))
        .singleElement()
        .asString()
        .contains("record.handlers = Report*");
  }

  @Test
  void theEngineIsSizedForTheLargestClassOfThePolicy() throws IOException {
    var file = Files.writeString(directory.resolve("policy.yaml"), "");
    var withPolicy = load(null, HOME, Map.of("policy.file", file.toString())).broker();

    assertThat(withPolicy.engine().memoryBytes()).isEqualTo(512 << 20);
    assertThat(load(null, HOME, Map.of("limits.memory", "48MiB")).broker().engine().memoryBytes())
        .isEqualTo(48 << 20);
  }

  @Test
  void theMessageListsEveryProblem() {
    var thrown = thrown(null, Map.of(), Map.of("http.port", "99999", "colour", "blue"));

    assertThat(thrown)
        .hasMessageContaining("the configuration is invalid:")
        .hasMessageContaining("\n  command line: http.port = 99999: must be 0 to 65535, was 99999")
        .hasMessageContaining(
            "\n  command line: colour: is unknown; docs/configuration.md lists all settings");
  }

  @ParameterizedTest
  @CsvSource({
    "queue.lease, 3h",
    "queue.default-max-attempts, 0",
    "queue.name, Upper",
    "queue.results, catalog_queue",
    "intake.poll-interval, 1ms",
    "dispatch.retry-max, 1ms",
    "report.writers, 0",
    "limits.memory, 1",
    "limits.memory, 5GiB",
    "engine.stack, 1",
    "engine.tick, 2s",
    "engine.compile-time, 99ms",
    "engine.compile-cache-age, 1h",
    "engine.compile-cache-size, 1MiB",
    "engine.compile-memory, 31MiB",
    "engine.compile-concurrency, 0",
    "engine.name, v8",
    "registry.rescan, 1ms",
    "registry.store-size, 1MiB",
    "registry.oci, oci://registry.example/hello:1.0.0",
    "registry.oci, oci://registry.example/a.handler",
    "registry.oci, hello",
    "registry.oci-plain-http, http://registry.example",
    "registry.oci-mirrors, mirror.internal",
    "registry.oci-proxy, https://proxy.example.org",
    "http.host, ''",
    "metrics.queue-interval, 500ms",
    "protocol, rabbitmq",
    "tasker.namespaces, 'catalog,Billing'",
    "tasker.namespaces, 'catalog,catalog'",
    "tasker.queues, 'a,'",
    "tasker.watch, 1ms",
    "tasker.visibility, 1ms",
    "tasker.default-timeout, 2d",
    "tasker.recovery.enabled, on",
    "tasker.recovery.heartbeat, 10m",
    "tasker.queue-database.url, redis://localhost",
    "database.url, mysql://localhost",
    "database.pool-size, 1",
    "log.level, loud",
    "log.burst, 0",
    "traces.guest-lines, 129",
    "traces.flush, 11s"
  })
  void anOutOfRangeValueIsReportedForItsSetting(String key, String value) {
    assertThat(problems(null, Map.of(), Map.of(key, value)))
        .singleElement()
        .extracting(Problem::subject)
        .isEqualTo(key + " = " + value);
  }

  @Test
  void aPoolTooSmallForTheWritersIsAProblem() {
    assertThat(problems(null, Map.of(), Map.of("report.writers", "8")))
        .extracting(Problem::toString)
        .containsExactly(
            "default, command line: database.pool-size = 5 with report.writers = 8: the pool"
                + " needs a connection for each report writer and 2 for claims and lease"
                + " extensions: at least 10");
  }

  @Test
  void aLeaseTooShortForItsRenewalIsAProblem() {
    assertThat(problems(null, Map.of(), Map.of("queue.lease", "20s")))
        .singleElement()
        .extracting(Problem::subject)
        .isEqualTo("database.query-timeout = 15s with queue.lease = 20s");
  }

  @Test
  void aHeartbeatThatMayArriveTooLateIsAProblem() {
    var flags =
        Map.of(
            "protocol", "tasker",
            "tasker.recovery.heartbeat", "2s",
            "tasker.recovery.dead-after", "10s");

    assertThat(problems(null, Map.of(), flags))
        .singleElement()
        .extracting(Problem::subject)
        .isEqualTo("database.query-timeout = 15s with tasker.recovery.dead-after = 10s");
  }

  @Test
  void aMessageRereadDuringItsClaimIsAProblem() {
    var flags =
        Map.of(
            "protocol", "tasker",
            "tasker.visibility", "15s",
            "tasker.queue-database.url", "jdbc:postgresql://queues/q");

    assertThat(problems(null, Map.of(), flags))
        .singleElement()
        .extracting(Problem::subject)
        .isEqualTo("database.query-timeout = 15s with tasker.visibility = 15s");
  }

  @Test
  void settingsOfTheOtherProtocolAreNotCrossChecked() {
    assertThat(load(null, Map.of(), Map.of("tasker.recovery.dead-after", "15s")).broker())
        .isNotNull();
    var tasker = Map.of("protocol", "tasker", "queue.lease", "20s");
    assertThat(load(null, Map.of(), tasker).broker()).isNotNull();
  }

  @Test
  void aTaskerWorkerServesTheConfiguredNamespaces() throws IOException {
    var file = file("protocol: tasker\ntasker:\n  namespaces: [catalog, billing]\n");

    var tasker = load(file, Map.of(), Map.of("tasker.recovery.enabled", "false")).broker().tasker();

    assertThat(tasker.namespaces())
        .containsExactly(new Namespace("catalog"), new Namespace("billing"));
    assertThat(tasker.recovery()).isNull();
  }

  @Test
  void aTaskerWorkerReadsTaskersEnvironmentVariables() {
    var environment =
        Map.of(
            "WASM_BROKER_PROTOCOL", "tasker",
            "DATABASE_URL", "postgresql://tasker:a%40b@db:5433/tasker?sslmode=require",
            "PGMQ_DATABASE_URL", "postgresql://queues/q",
            "TASKER_TEMPLATE_PATH", "/templates");

    var configuration = load(null, environment, Map.of());

    var database = configuration.broker().database();
    assertThat(database.url()).isEqualTo("jdbc:postgresql://db:5433/tasker?sslmode=require");
    assertThat(database.user()).isEqualTo("tasker");
    assertThat(database.password()).isEqualTo(Password.of("a@b"));
    var tasker = configuration.broker().tasker();
    assertThat(requireNonNull(tasker.queueDatabase()).url())
        .isEqualTo("jdbc:postgresql://queues/q");
    assertThat(tasker.templates()).isEqualTo(Path.of("/templates"));
    assertThat(configuration.describe())
        .contains("***@db:5433/tasker", "(environment variable DATABASE_URL)")
        .doesNotContain("a%40b");
  }

  @Test
  void ownSettingsOverrideTaskersVariables() {
    var environment = Map.of("DATABASE_URL", "postgresql://a/a", "PGMQ_DATABASE_URL", "");
    var flags =
        Map.of("protocol", "tasker", "database.url", "jdbc:postgresql://b/b", "database.user", "c");

    var broker = load(null, environment, flags).broker();

    assertThat(broker.database().url()).isEqualTo("jdbc:postgresql://b/b");
    assertThat(broker.database().user()).isEqualTo("c");
    assertThat(broker.tasker().queueDatabase()).isNull();
  }

  @Test
  void aStandaloneBrokerIgnoresTaskersVariables() {
    var environment = Map.of("DATABASE_URL", "mysql://geheim");

    assertThat(load(null, environment, Map.of()).broker().database())
        .isEqualTo(DatabaseConfig.DEFAULTS);
  }

  @Test
  void anIdenticalQueueUrlMeansOneDatabase() {
    var environment =
        Map.of("DATABASE_URL", "postgres://t:x@db/t", "PGMQ_DATABASE_URL", "postgresql://t:x@db/t");

    assertThat(
            load(null, environment, Map.of("protocol", "tasker")).broker().tasker().queueDatabase())
        .isNull();
  }

  @Test
  void aStepThatExceedsTheTotalMemoryIsAProblem() {
    assertThat(problems(null, Map.of(), Map.of("dispatch.memory", "16MiB")))
        .extracting(Problem::toString)
        .containsExactly(
            "command line, default: dispatch.memory = 16MiB with limits.memory = 32MiB: one step"
                + " must fit into the memory of all steps: at least 33554432 bytes");
  }

  @Test
  void limitsTheEngineCannotEnforceAreProblems() {
    assertThat(
            problems(
                null,
                Map.of(),
                Map.of(
                    "engine.name", "wasmtime-java",
                    "engine.fuel", "true",
                    "limits.fuel", "1000",
                    "limits.host-calls", "100001")))
        .extracting(Problem::toString)
        .containsExactly(
            "command line, command line: limits.fuel = 1000 with engine.name = wasmtime-java:"
                + " this engine can enforce at most 0",
            "command line, command line: limits.host-calls = 100001 with engine.name ="
                + " wasmtime-java: this engine can enforce at most 100000",
            "command line, command line: engine.fuel = true with engine.name = wasmtime-java:"
                + " this engine cannot count instructions");
    assertThat(problems(null, Map.of(), Map.of("limits.fuel", "1000")))
        .extracting(Problem::subject)
        .containsExactly("limits.fuel = 1000 with engine.fuel = false");
  }

  @Test
  void batchesAndLogLinesThatDoNotFitAreProblems() {
    assertThat(problems(null, Map.of(), Map.of("report.backlog", "10", "limits.log", "1KiB")))
        .extracting(Problem::subject)
        .containsExactly(
            "report.batch-max = 500 with report.backlog = 10",
            "limits.log-line = 8KiB with limits.log = 1KiB");
  }

  @Test
  void theEngineIsSizedForTheSlotsAndTheMemoryLimit() {
    var flags = Map.of("dispatch.slots", "7", "limits.memory", "128MiB");

    var engine = load(null, Map.of(), flags).broker().engine();

    assertThat(engine.slots()).isEqualTo(7);
    assertThat(engine.memoryBytes()).isEqualTo(128 << 20);
  }

  @Test
  void theCompileCacheCanBeDisabled() {
    var flags = Map.of("engine.compile-cache", "none");

    assertThat(load(null, Map.of(), flags).broker().engine().compileCache()).isNull();
  }

  @Test
  void keepingModulesOfRegistriesCanBeDisabled() {
    var flags = Map.of("registry.store", "none");

    assertThat(load(null, Map.of(), flags).broker().registry().store().directory()).isNull();
  }

  @Test
  void aTildeExpandsToTheHomeDirectory() {
    var flags = Map.of("registry.directory", "~/handlers");

    assertThat(load(null, Map.of(), flags).broker().registry().directory())
        .isEqualTo(Path.of(System.getProperty("user.home"), "handlers"));
  }

  @Test
  void aPasswordFilesTrailingNewlineIsStripped() throws IOException {
    var flags = Map.of("database.password-file", password("geheim\n"));

    assertThat(load(null, Map.of(), flags).broker().database().password())
        .isEqualTo(Password.of("geheim"));
  }

  @Test
  void twoPasswordsAreAProblem() throws IOException {
    var flags = Map.of("database.password-file", password("geheim"), "database.password", "geheim");

    assertThat(problems(null, Map.of(), flags))
        .singleElement()
        .extracting(Problem::message)
        .isEqualTo("database.password is set as well (command line); set only one of them");
  }

  @Test
  void anEmptyOrMissingPasswordFileIsAProblem() throws IOException {
    assertThat(problems(null, Map.of(), Map.of("database.password-file", password(""))))
        .extracting(Problem::message)
        .containsExactly("the file is empty");
    assertThat(problems(null, Map.of(), Map.of("database.password-file", "/no/such/file")))
        .extracting(Problem::message)
        .singleElement()
        .asString()
        .startsWith("the file cannot be read");
  }

  @Test
  void secretsAreNeverPrinted() throws IOException {
    var file =
        file(
            """
            database.url: jdbc:postgresql://u:geheim1@db/x?user=u&password=geheim2&ssl=true
            database.password: geheim3
            """);
    var configuration = load(file, Map.of(), Map.of());
    var problem = thrown(file, Map.of(), Map.of("database.url", "mysql://u:geheim4@db"));

    assertThat(configuration.describe() + configuration + problem)
        .doesNotContain("geheim")
        .contains("database.password")
        .contains("***@db/x?user=u&password=***&ssl=true");
  }

  @Test
  void theDescriptionListsEverySettingWithItsOrigin() throws IOException {
    var file = file("\nhttp:\n  port: 0\n");

    var description = load(file, HOME, Map.of("engine.name", "wasmtime-java")).describe();

    assertThat(description.lines()).hasSize(Settings.ALL.size());
    assertThat(description)
        .containsPattern("(?m)^http.port +  *= 0  \\(.*:3:3\\)$")
        .containsPattern("(?m)^engine.name +  *= wasmtime-java  \\(command line\\)$")
        .containsPattern("(?m)^limits.memory +  *= 32MiB  \\(default\\)$");
  }

  @Test
  void variablesOfTheLauncherAndOfKubernetesAreIgnored() {
    var environment =
        Map.of(
            "WASM_BROKER_JAVA_OPTS", "-Xmx1g",
            "WASM_BROKER_SERVICE_HOST", "10.0.0.1",
            "WASM_BROKER_SERVICE_PORT_HTTP", "9090",
            "WASM_BROKER_PORT", "tcp://10.0.0.1:9090",
            "WASM_BROKER_PORT_9090_TCP_ADDR", "10.0.0.1",
            "PATH", "/bin");

    assertThat(load(null, environment, Map.of()).effective())
        .allSatisfy(line -> assertThat(line.origin()).isEqualTo("default"));
  }

  @Test
  void everyVariableBelongsToOneSetting() {
    assertThat(Settings.ALL).extracting(Setting::environmentVariable).doesNotHaveDuplicates();
    assertThat(Settings.ALL).extracting(Setting::key).doesNotHaveDuplicates();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("broker.yaml"), text);
  }

  private String password(String text) throws IOException {
    return Files.writeString(directory.resolve("password"), text).toString();
  }

  /** Other settings that a setting's example requires. */
  private static Map<String, String> withCompanions(Setting<?> setting, Map<String, String> flags) {
    var all = new HashMap<>(flags);
    if (setting.key().equals("report.writers")) {
      all.put("database.pool-size", "20");
    }
    if (setting.key().equals("limits.fuel")) {
      all.put("engine.fuel", "true");
    }
    return all;
  }

  /** Files that are read must exist. */
  private String example(Setting<?> setting) throws IOException {
    if (setting.key().equals("rollout.file")) {
      return Files.writeString(directory.resolve("rollout.yaml"), "").toString();
    }
    if (setting.key().equals("policy.file")) {
      return Files.writeString(directory.resolve("policy.yaml"), "").toString();
    }
    return setting.key().endsWith("password-file") ? password("x") : setting.example();
  }

  private static String origin(Setting<?> setting, Configuration configuration) {
    return configuration.effective().stream()
        .filter(line -> line.key().equals(setting.key()))
        .findFirst()
        .orElseThrow()
        .origin();
  }

  private static Configuration load(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    return Configuration.load(new ConfigSources(file, environment, flags));
  }

  private static List<Problem> problems(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    return thrown(file, environment, flags).problems();
  }

  private static ConfigException thrown(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    return catchThrowableOfType(ConfigException.class, () -> load(file, environment, flags));
  }
}
