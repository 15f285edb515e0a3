package org.wasmbroker.registry.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

final class CompiledModulesTest {
  private static final WasmBinary GUEST = binary("guest");
  private static final WasmBinary BROKEN = binary("broken");

  private final FakeEngine engine = new FakeEngine().with("guest", FakeEngine.writing("{}"));
  private final CopyOnWriteArrayList<BrokerEvent> events = new CopyOnWriteArrayList<>();
  private final CompiledModules modules =
      new CompiledModules(engine, new PreparedImages(0, events::add), events::add);

  @AfterEach
  void close() {
    modules.close();
  }

  @Test
  void aModuleIsFreedWithItsLastLease() {
    var first = ready(modules.acquire(GUEST, Limits.DEFAULTS));
    var second = ready(modules.acquire(GUEST, Limits.DEFAULTS));
    assertThat(second.module()).isSameAs(first.module());
    assertThat(modules.count()).isEqualTo(1);
    assertThat(modules.codeBytes()).isEqualTo(first.module().codeBytes());

    first.close();
    first.close();
    assertThat(engine.closed()).isEmpty();

    second.close();
    assertThat(engine.closed()).containsExactly(GUEST.digest());
    assertThat(modules.count()).isZero();
    assertThat(events).contains(new ModuleEvent.InMemory(1, 1000));
    assertThat(events.getLast()).isEqualTo(new ModuleEvent.InMemory(0, 0));

    ready(modules.acquire(GUEST, Limits.DEFAULTS));
    assertThat(engine.compiled()).hasSize(2);
  }

  @Test
  void aChangedTimeOrMemoryLimitCompilesNothing() {
    ready(modules.acquire(GUEST, Limits.DEFAULTS));

    var other =
        Limits.DEFAULTS
            .withTime(Duration.ofMinutes(1))
            .withMemoryBytes(Limits.DEFAULTS.memoryBytes() * 2)
            .with(LimitKind.HTTP_CALLS, 1);
    ready(modules.acquire(GUEST, other));
    ready(modules.acquireIfCompiled(GUEST.digest(), other).orElseThrow());

    assertThat(engine.compiled()).hasSize(1);
  }

  @Test
  void whoeverAsksAtTheSameTimeWaitsForOneCompilation() throws Exception {
    int threads = 8;
    var asking = new CountDownLatch(threads);
    engine.beforeCompile(text -> await(asking));
    try (var executor = Executors.newFixedThreadPool(threads)) {
      Callable<Lease> acquire =
          () -> {
            asking.countDown();
            return ready(modules.acquire(GUEST, Limits.DEFAULTS));
          };
      var leases = executor.invokeAll(IntStream.range(0, threads).mapToObj(i -> acquire).toList());
      for (var lease : leases) {
        lease.get().close();
      }
    }
    assertThat(engine.compiled()).hasSize(1);
    assertThat(engine.closed()).hasSize(1);
    assertThat(events).filteredOn(ModuleEvent.Compiled.class::isInstance).hasSize(1);
  }

  @Test
  void aRefusalIsRememberedAndAFailureOfTheEngineIsNot() {
    var failures = new AtomicInteger();
    engine.beforeCompile(
        text -> {
          if (text.equals("guest") && failures.getAndIncrement() == 0) {
            throw new EngineUnavailableException("no process can be started", null);
          }
        });

    assertThat(modules.acquire(BROKEN, Limits.DEFAULTS))
        .isEqualTo(new Compilation.Refused("the module is not WebAssembly"));
    assertThat(modules.acquire(BROKEN, Limits.DEFAULTS.withTime(Duration.ofSeconds(1))))
        .isInstanceOf(Compilation.Refused.class);
    assertThat(modules.acquireIfCompiled(BROKEN.digest(), Limits.DEFAULTS)).isPresent();
    assertThat(engine.compiled()).containsExactly(BROKEN.digest());

    assertThat(modules.acquire(GUEST, Limits.DEFAULTS))
        .isEqualTo(
            new Compilation.Failed("the engine could not compile it: no process can be started"));
    ready(modules.acquire(GUEST, Limits.DEFAULTS));
  }

  @Test
  void refusalsOfManyModulesDoNotFillTheMemory() {
    for (int i = 0; i < 1001; i++) {
      modules.acquire(binary("broken " + i), Limits.DEFAULTS);
    }
    assertThat(engine.compiled()).hasSize(1001);

    modules.acquire(binary("broken 1000"), Limits.DEFAULTS);
    assertThat(engine.compiled()).hasSize(1001);
    modules.acquire(binary("broken 0"), Limits.DEFAULTS);
    assertThat(engine.compiled()).hasSize(1002);
  }

  @Test
  void whatIsNotCompiledYetIsNotWaitedFor() {
    assertThat(modules.acquireIfCompiled(GUEST.digest(), Limits.DEFAULTS)).isEmpty();
    assertThat(engine.compiled()).isEmpty();
  }

  @Test
  void stoppingEndsTheCompilationInProgressAndBeginsNoOther() throws Exception {
    var compiling = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    engine.beforeCompile(
        text -> {
          compiling.countDown();
          await(never);
        });
    try (var executor = Executors.newSingleThreadExecutor()) {
      var result = executor.submit(() -> modules.acquire(GUEST, Limits.DEFAULTS));
      compiling.await();

      modules.stop();

      assertThat(result.get()).isInstanceOf(Compilation.Failed.class);
      assertThat(modules.acquire(BROKEN, Limits.DEFAULTS)).isInstanceOf(Compilation.Failed.class);
      assertThat(engine.compiled()).isEmpty();
    }
  }

  @Test
  void aThousandLeasesInThreadsLeaveNothing() throws Exception {
    int threads = 8;
    try (var executor = Executors.newFixedThreadPool(threads)) {
      Callable<Integer> use =
          () -> {
            int held = 0;
            for (int i = 0; i < 1000; i++) {
              try (var lease = ready(modules.acquire(GUEST, Limits.DEFAULTS))) {
                var module = lease.module();
                held += module.hold() ? 1 : 0;
                module.unhold();
              }
            }
            return held;
          };
      var results = executor.invokeAll(IntStream.range(0, threads).mapToObj(i -> use).toList());
      for (var held : results) {
        assertThat(held.get()).isEqualTo(1000);
      }
    }
    assertThat(modules.count()).isZero();
    assertThat(engine.closed()).hasSameSizeAs(engine.compiled());
  }

  @Test
  void aRunInProgressKeepsTheNativeModuleUntilItEnds() throws Exception {
    var log = new RecordingGuestLog();
    var cancellation = new Cancellation();
    try (var real = WasmtimeEngine.start(EngineConfig.of(2), Capabilities.STANDARD.functions());
        var compiled = new CompiledModules(real, new PreparedImages(0, events::add), events::add);
        var executor = Executors.newSingleThreadExecutor()) {
      var lease = ready(compiled.acquire(Guests.guest("loop"), Limits.DEFAULTS));
      var module = lease.module();
      assertThat(compiled.codeBytes()).isPositive();
      var running =
          executor.submit(
              () ->
                  module.run(
                      Invocations.basic(Document.of("{}"), Limits.DEFAULTS, cancellation, log)));
      log.awaitFirstLine();

      lease.close();
      assertThat(compiled.count()).isZero();
      cancellation.request("the end of the test");

      assertThat(running.get()).isInstanceOf(Cancelled.class);
      assertThat(module.hold()).isFalse();
    }
  }

  @Test
  void aModuleThatStartsWithTooMuchIsCompiledOnceForTheLimitsThatItFits() {
    try (var real = WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
        var compiled = new CompiledModules(real, new PreparedImages(0, events::add), events::add)) {
      var echo = Guests.guest("echo");
      var tooLittle = Limits.DEFAULTS.withMemoryBytes(64 << 10);

      assertThat(((Compilation.Refused) compiled.acquire(echo, tooLittle)).reason())
          .startsWith(
              "the module's memory starts with 131072 bytes, the limit is 65536; allow more");
      assertThat(compiled.acquireIfCompiled(echo.digest(), tooLittle)).isPresent();
      assertThat(compiled.count()).isZero();

      try (var lease = ready(compiled.acquire(echo, Limits.DEFAULTS))) {
        assertThat(run(lease.module())).isInstanceOf(Completed.class);
      }
    }
  }

  @Test
  void closingFreesWhatIsStillLeased() {
    var leases = new ArrayList<Lease>();
    leases.add(ready(modules.acquire(GUEST, Limits.DEFAULTS)));

    modules.close();
    leases.getFirst().close();

    assertThat(engine.closed()).containsExactly(GUEST.digest());
  }

  private static InvocationResult run(CompiledModule module) {
    return module.run(
        Invocations.basic(Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
  }

  private static Lease ready(Compilation compilation) {
    assertThat(compilation).isInstanceOf(Compilation.Ready.class);
    return ((Compilation.Ready) compilation).lease();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }

  private static WasmBinary binary(String text) {
    return new WasmBinary(text.getBytes(StandardCharsets.UTF_8));
  }
}
