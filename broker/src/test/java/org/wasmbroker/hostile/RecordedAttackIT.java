package org.wasmbroker.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.recording.Recorder;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.recording.RecordingReader;
import org.wasmbroker.recording.Recordings;
import org.wasmbroker.recording.UnusableRecordingException;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.replay.Replay;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.HostileGuests;

/**
 * Every hostile guest is recorded: no secret that it was given is in its recording, in whatever
 * form it writes it, and its step ends in a replay as it did.
 */
class RecordedAttackIT {
  private static final RecordingConfig ALL = RecordingConfig.ofEverything(8 << 20);

  private final Map<String, byte[]> recordings = new ConcurrentHashMap<>();
  private final Map<Digest, WasmBinary> modules = new HashMap<>();

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void aRecordingHasNoSecretAndReplaysByteForByte(EngineName name, @TempDir Path generated)
      throws IOException {
    var config = EngineConfig.of(HostileRig.SLOTS);
    var recorder =
        new Recorder(
            ALL, "test", config.stackBytes(), this::keep, TimeSource.SYSTEM, EventSink.NONE);
    var outcomes = new HashMap<HostileCase, Outcome>();
    try (var rig = new HostileRig(each -> Engines.start(name, each), generated, recorder)) {
      for (var attack : HostileCases.all().toList()) {
        outcomes.put(attack, rig.run(attack).orTimeout(1, TimeUnit.MINUTES).join());
      }
    }
    collect(HostileGuests.DIRECTORY, config);
    collect(generated, config);
    assertThat(recordings).hasSizeGreaterThan(60);
    try (var engine = Engines.start(name, config)) {
      assertSoftly(
          all ->
              outcomes.forEach(
                  (attack, outcome) -> {
                    var file = outcome.receipt().recording();
                    boolean ran = outcome.receipt().module() != null;
                    all.assertThat(file != null).as(attack + " is recorded").isEqualTo(ran);
                    if (file != null) {
                      var bytes = Objects.requireNonNull(recordings.get(file));
                      assertNoSecret(all, attack, new String(bytes, UTF_8));
                      assertSame(all, attack, bytes, engine, config);
                    }
                  }));
    }
  }

  private boolean keep(String file, ByteBuffer recording) {
    return recordings.put(file, Recordings.bytes(recording)) == null;
  }

  private static void assertNoSecret(SoftAssertions all, HostileCase attack, String text) {
    for (var secret : List.of(HostileRig.READABLE_SECRET, HostileRig.BOUND_SECRET)) {
      var bytes = secret.getBytes(UTF_8);
      all.assertThat(text)
          .as(attack.name())
          .doesNotContain(secret)
          .doesNotContain(secret.substring(0, 12))
          .doesNotContain(HexFormat.of().formatHex(bytes))
          .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    }
  }

  private void assertSame(
      SoftAssertions all, HostileCase attack, byte[] bytes, Engine engine, EngineConfig config) {
    try {
      var recording = RecordingReader.read(bytes);
      if (recording.truncated() != null) {
        all.assertThat(attack.guest())
            .as("too much to record")
            .isIn("http-storm", "host-call-storm", "cache-storm");
        return;
      }
      var limits = recording.terms().limits();
      var wasm = Objects.requireNonNull(modules.get(recording.work().module().digest()));
      try (var module = engine.compile(wasm, limits)) {
        var result =
            new Replay(recording, DispatchConfig.DEFAULTS.retryPolicy(), config.threadStackBytes())
                .run(module, limits, _ -> {});
        all.assertThat(result.differences()).as(attack.name()).isEmpty();
        if (result.notes().isEmpty()) {
          all.assertThat(result.departures()).as(attack.name()).isEmpty();
        }
      }
    } catch (UnusableRecordingException broken) {
      all.fail(attack.name(), broken);
    }
  }

  private void collect(Path directory, EngineConfig config) {
    var source = new DirectoryModules(directory, config.moduleBytes());
    for (var release : source.list()) {
      try {
        var wasm = source.fetch(release.id()).wasm();
        modules.put(wasm.digest(), wasm);
      } catch (ModuleSourceException unusable) {
        // one of the guests that are refused
      }
    }
  }
}
