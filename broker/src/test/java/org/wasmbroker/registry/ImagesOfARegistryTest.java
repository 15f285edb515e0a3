package org.wasmbroker.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleRegistry.Parts;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.TestModules;

/** What becomes of images when the policy or the modules change under them. */
class ImagesOfARegistryTest {
  private static final String HANDLER = "prepared-configuration";
  private static final Limits LIMITS = Limits.DEFAULTS.withMemoryBytes(8 << 20);

  @TempDir private Path folder;
  private Engine engine;
  private ModuleRegistry registry;

  @BeforeEach
  void start() {
    TestModules.addGuest(folder, HANDLER);
    engine = Engines.start(EngineName.WASMTIME, EngineConfig.of(2));
    registry =
        new ModuleRegistry(
            engine,
            Policy.none(LIMITS),
            new Parts(
                List.of(new DirectoryModules(folder, 1 << 20)),
                TrustCheck.NONE,
                RolloutRules.NONE,
                Duration.ofHours(1),
                Duration.ZERO,
                16 << 20),
            EventSink.NONE);
    registry.refresh();
  }

  @AfterEach
  void close() {
    registry.close();
    engine.close();
  }

  @Test
  void aPolicyThatChangesALimitMakesOtherImages() {
    assertThat(List.of(prepared(), prepared(), prepared())).containsExactly(false, true, true);

    registry.apply(Policy.none(LIMITS.withMemoryBytes(4 << 20)));
    assertThat(List.of(prepared(), prepared(), prepared())).containsExactly(false, true, true);

    registry.apply(Policy.none(LIMITS));
    assertThat(prepared()).isTrue();
  }

  @Test
  void aPolicyThatChangesTheTimeOnlyChangesNoImage() {
    prepared();
    prepared();
    registry.apply(Policy.none(LIMITS.withTime(Duration.ofSeconds(5))));

    assertThat(prepared()).isTrue();
  }

  @Test
  void theImagesOfAModuleThatWasRemovedLeaveWithIt() throws IOException {
    prepared();
    prepared();
    assertThat(registry.images().count()).isEqualTo(1);

    Files.delete(folder.resolve(HANDLER).resolve("1.0.0").resolve("module.wasm"));
    Files.delete(folder.resolve(HANDLER).resolve("1.0.0").resolve("manifest.json"));
    Files.delete(folder.resolve(HANDLER).resolve("1.0.0"));
    registry.refresh();

    assertThat(registry.images().count()).isZero();
    assertThat(registry.images().evicted()).isZero();
  }

  @Test
  void aModuleThatLeavesWhileAStepHoldsItStillRunsWithItsImage() throws IOException {
    prepared();
    prepared();
    var held = resolved();
    assertThat(held.module().hold()).isTrue();
    Files.delete(folder.resolve(HANDLER).resolve("1.0.0").resolve("module.wasm"));
    Files.delete(folder.resolve(HANDLER).resolve("1.0.0").resolve("manifest.json"));
    registry.refresh();

    assertThat(run(held)).isInstanceOf(InvocationResult.Completed.class);
    assertThat(run(held)).isInstanceOf(InvocationResult.Completed.class);
    held.module().unhold();
    assertThat(registry.images().count()).isZero();
  }

  private boolean prepared() {
    return run(resolved()).receipt().prepared();
  }

  private Resolved resolved() {
    return (Resolved) registry.resolve(HandlerRef.parse(HANDLER));
  }

  private static InvocationResult run(Resolved handler) {
    return handler
        .module()
        .run(
            new Invocation(
                HANDLER,
                Document.of("{\"step\":{},\"config\":{\"a\":1},\"context\":{}}"),
                handler.grants().limits(),
                new Cancellation(),
                GuestLog.NONE,
                Capabilities.STANDARD.basicAccess()));
  }
}
