package org.wasmbroker.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.egress.GuestServices;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.recording.Recorder;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.recording.RecordingReader;
import org.wasmbroker.recording.Recordings;
import org.wasmbroker.recording.UnusableRecordingException;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.Version;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.EngineConfigs;

/** Records steps with everything that a broker gives them, and replays them with none of it. */
final class RecordRig implements AutoCloseable {
  static final String SECRET = "s3cr3t/+=";
  private static final String POLICY =
      """
      secrets:
        TOKEN: ["http://127.0.0.1:*"]
      handlers:
        - handler: "*"
          secrets: [TOKEN]
          readable-secrets: [TOKEN]
          cache: 1MiB
          files: 1MiB
          http:
            - {url: "http://127.0.0.1:*", methods: ["*"], networks: [127.0.0.0/8]}
            - {url: "http://127.0.0.2:*", methods: ["*"], networks: [127.0.0.0/8], rate: 1/h}
      """;
  private static final RecordingConfig ALL = RecordingConfig.ofEverything(8 << 20);

  private final EngineConfig config;
  private final Engine engine;
  private final ModuleRegistry registry;
  private final Egress egress;
  private final GuestCaches caches =
      new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE);
  private final FileStore files =
      new FileStore(FilesConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE);
  private final List<CompiledModule> compiled = new ArrayList<>();

  /** A recorded step. */
  record Recorded(Outcome outcome, ByteBuffer bytes, CompiledModule module) {
    String text() {
      return new String(Recordings.bytes(bytes), UTF_8);
    }

    Recording recording() {
      try {
        return RecordingReader.read(Recordings.bytes(bytes));
      } catch (UnusableRecordingException broken) {
        throw new AssertionError(text(), broken);
      }
    }
  }

  RecordRig(EngineName name) {
    config = EngineConfigs.cached(1);
    engine = Engines.start(name, config);
    registry =
        new ModuleRegistry(
            engine, policy(), List.of(new BundledModules()), Duration.ofHours(1), EventSink.NONE);
    egress =
        new Egress(EgressConfig.DEFAULTS, HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE);
    egress.start();
  }

  private static Policy policy() {
    return switch (Policy.read(POLICY.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new IllegalStateException("" + problems);
    };
  }

  /** A handler of the catalog, with all that the policy grants. */
  Resolved bundled(String handler) {
    return (Resolved) registry.resolve(HandlerRef.parse(handler));
  }

  /** A guest of the tests with the basic grants. */
  Resolved guest(WasmBinary wasm, Limits limits) {
    var module = engine.compile(wasm, limits);
    compiled.add(module);
    return new Resolved(
        new ModuleId("guest", "1.0.0", module.digest()), module, Grants.basic(limits), null);
  }

  /** A guest of the tests with what the policy grants of what it requests. */
  Resolved guest(WasmBinary wasm, String capabilities) {
    var document =
        new DocumentReader(Syntax.JSON, 1 << 10, 10).read("", capabilities.getBytes(UTF_8));
    var requested = RequestedCapabilities.read(Capabilities.STANDARD, document.object(), null);
    var module = engine.compile(wasm, Limits.DEFAULTS);
    compiled.add(module);
    return new Resolved(
        new ModuleId("guest", "1.0.0", module.digest()),
        module,
        policy().granted("guest", new Version(1, 0, 0)).intersect(requested),
        null);
  }

  Recorded record(Resolved handler, Document input) {
    return record(handler, input, StepRules.NONE, Duration.ofMinutes(1));
  }

  Recorded record(Resolved handler, Document input, StepRules rules, Duration timeout) {
    var bytes = new AtomicReference<@Nullable ByteBuffer>();
    var secrets =
        SecretStore.open(
            SecretsConfig.DEFAULTS, Map.of("WASM_BROKER_SECRET_TOKEN", SECRET), TimeSource.SYSTEM);
    var invoker =
        new StepInvoker(
            DispatchConfig.DEFAULTS.retryPolicy(),
            config.threadStackBytes(),
            GuestServices.accessFactory(egress, secrets, caches, EventSink.NONE)
                .with(
                    Capabilities.FILES,
                    (granted, context) -> files.open(granted, context.step(), context.module())),
            rules,
            _ -> GuestLog.NONE,
            new Recorder(
                ALL,
                "test",
                config.stackBytes(),
                (_, recording) -> {
                  bytes.set(recording);
                  return true;
                },
                TimeSource.SYSTEM,
                EventSink.NONE));
    var outcome = invoker.run(step(handler, input, timeout), handler);
    return new Recorded(
        outcome, Objects.requireNonNull(bytes.get(), "no recording"), handler.module());
  }

  private static Step step(Resolved handler, Document input, Duration timeout) {
    var ref = new HandlerRef(handler.id().handler(), null);
    return StepInvoker.step(
        new StepIds(new StepId(UUID.randomUUID()), null, null),
        ref.name(),
        ref,
        new Attempt(1, 1),
        timeout,
        input);
  }

  ReplayResult replay(Recorded recorded) {
    return replay(recorded.recording(), recorded.module());
  }

  ReplayResult replay(Recording recording, CompiledModule module) {
    return new Replay(recording, DispatchConfig.DEFAULTS.retryPolicy(), config.threadStackBytes())
        .run(module, recording.terms().limits(), _ -> {});
  }

  @Override
  public void close() {
    compiled.forEach(CompiledModule::close);
    registry.close();
    egress.close();
    engine.close();
  }
}
