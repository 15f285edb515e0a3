package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeReporter;
import org.wasmbroker.testing.Outcomes;

/** Slots that are threads, and guests that watch how much memory is promised to them together. */
class MemoryAdmissionTest {
  private static final long MIB = 1 << 20;
  private static final Map<String, Long> SIZES =
      Map.of("text", 32 * MIB, "image", 128 * MIB, "media", 512 * MIB, "huge", 513 * MIB);
  private static final int SLOTS = 24;
  private static final long GUEST_NANOS = 1_000_000;

  private final FakeReporter reports = new FakeReporter();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicLong inUse = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final Sizes handlers = new Sizes();
  private final Dispatcher dispatcher = dispatcher();

  @AfterEach
  void close() {
    gate.countDown();
    dispatcher.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void guestsTogetherNeverExceedTheBudget(long seed) {
    gate.countDown();
    var random = new SplittableRandom(seed);
    var names = List.of("text", "text", "text", "image", "media");
    var steps = new ArrayList<Step>();
    for (int i = 0; i < 400; i++) {
      steps.add(Outcomes.step(names.get(random.nextInt(names.size()))));
    }
    dispatcher.start();
    for (int i = 0; i < steps.size(); i += 20) {
      handlers.forget(random.nextInt(4) == 0);
      dispatcher.accept(steps.subList(i, i + 20));
    }

    var ended = steps.stream().map(_ -> reports.nextOutcome().step()).collect(Collectors.toSet());

    assertThat(ended).hasSameElementsAs(steps);
    assertThat(peak.get()).isBetween(128 * MIB, 512 * MIB);
  }

  @Test
  void theMemoryFreedByALargeStepStartsManySmallOnes() {
    dispatcher.start();
    dispatcher.accept(List.of(Outcomes.step("media")));
    await(() -> inUse.get() == 512 * MIB);
    for (int i = 0; i < 16; i++) {
      dispatcher.accept(List.of(Outcomes.step("text")));
    }
    await(() -> dispatcher.waitingForMemory() == 16);
    assertThat(dispatcher.running()).isEqualTo(1);
    assertThat(dispatcher.memoryInUse()).isEqualTo(512 * MIB);
    assertThat(dispatcher.owned()).hasSize(17);

    gate.countDown();
    for (int i = 0; i < 17; i++) {
      assertThat(reports.nextOutcome()).isInstanceOf(Outcome.Completed.class);
    }
  }

  @Test
  void noStepIsClaimedThatCouldOnlyWait() {
    dispatcher.start();
    dispatcher.accept(List.of(Outcomes.step("media")));
    await(() -> inUse.get() == 512 * MIB);

    assertThat(dispatcher.capacity()).isZero();
  }

  @Test
  void aHandlerThatNeedsMoreThanTheBudgetIsRefusedAndBlocksNoOther() {
    gate.countDown();
    dispatcher.start();
    dispatcher.accept(List.of(Outcomes.step("huge"), Outcomes.step("text")));

    assertThat(List.of(reports.nextOutcome(), reports.nextOutcome()))
        .hasAtLeastOneElementOfType(Outcome.Completed.class)
        .anySatisfy(
            outcome ->
                assertThat(outcome)
                    .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed ->
                            assertThat(failed.error().message())
                                .contains("dispatch.memory allows all steps together, 536870912")));
  }

  private Dispatcher dispatcher() {
    var config = DispatchConfigs.of(SLOTS, SLOTS, 512 * MIB);
    return new Dispatcher(
        config,
        1 << 20,
        handlers,
        new StepRunner(
            StepAccessFactory.BASIC,
            StepRules.NONE,
            config.retryPolicy(),
            TimeSource.SYSTEM,
            () -> 0.5,
            EventSink.NONE),
        reports,
        TimeSource.SYSTEM,
        EventSink.NONE);
  }

  private InvocationResult guest(Invocation invocation) {
    long mine = invocation.limits().memoryBytes();
    peak.accumulateAndGet(inUse.addAndGet(mine), Math::max);
    try {
      gate.await();
      LockSupport.parkNanos(GUEST_NANOS); // long enough for all slots to have a guest at once
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
    inUse.addAndGet(-mine);
    return FakeEngine.writing("{\"status\":\"completed\",\"result\":1}").run(invocation);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** Handlers whose name says how much memory they need, which are known at once or not. */
  private final class Sizes implements HandlerResolver {
    private final FakeEngine engine = new FakeEngine();
    private volatile boolean forgetful;

    void forget(boolean all) {
      forgetful = all;
    }

    @Override
    public Resolution resolve(HandlerRef ref) {
      var limits = Limits.DEFAULTS.withMemoryBytes(SIZES.getOrDefault(ref.name(), MIB));
      var binary = new WasmBinary(Document.of(ref.name()).bytes());
      var module = engine.with(ref.name(), MemoryAdmissionTest.this::guest).compile(binary, limits);
      return new Resolution.Resolved(
          Outcomes.module(ref.name()), module, Grants.basic(limits), null);
    }

    @Override
    public @Nullable Resolution cached(HandlerRef ref) {
      return forgetful ? null : resolve(ref);
    }
  }
}
