package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeReporter;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class SharedProcessorsTest {
  private static final String OUTPUT = "{\"status\":\"completed\",\"result\":1}";
  private static final long MIB = 1 << 20;
  private static final long MEMORY = Limits.DEFAULTS.memoryBytes();

  private final ManualTime time = new ManualTime();
  private final FakeReporter reports = new FakeReporter();
  private final BlockingQueue<String> entered = new LinkedBlockingQueue<>();
  private final CountDownLatch response = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger computing = new AtomicInteger();
  private final AtomicInteger mostComputing = new AtomicInteger();
  private final FakeEngine engine =
      new FakeEngine()
          .with("quick", FakeEngine.writing(OUTPUT))
          .with("waiting", this::waitForResponse)
          .with("storm", this::waitOften)
          .with("gated", this::computeUntilGate)
          .with("long", this::computeLong)
          .with("brief", this::computeBriefly)
          .with("endless", this::computeUntilCancelled);
  private @Nullable Dispatcher dispatcher;

  @AfterEach
  void close() {
    response.countDown();
    gate.countDown();
    if (dispatcher != null) {
      dispatcher.close();
    }
  }

  @Test
  void aGuestThatWaitsLeavesItsProcessorToOthers() {
    var one = start(8, 1, 8 * MEMORY);
    one.accept(steps("waiting", 7));
    for (int i = 0; i < 7; i++) {
      nextEntered();
    }

    one.accept(steps("quick", 100));
    for (int i = 0; i < 100; i++) {
      assertThat(reports.nextOutcome().step().name()).isEqualTo("quick");
    }
    assertThat(one.running()).isGreaterThanOrEqualTo(7);

    response.countDown();
    for (int i = 0; i < 7; i++) {
      assertThat(reports.nextOutcome().step().name()).isEqualTo("waiting");
    }
  }

  @Test
  void noMoreGuestsComputeThanThereAreProcessorsHoweverOftenTheyWait() {
    var two = start(16, 2, 16 * MEMORY);
    two.accept(steps("storm", 100));

    for (int i = 0; i < 100; i++) {
      reports.nextOutcome();
    }
    assertThat(mostComputing).hasValueBetween(1, 2);
  }

  @Test
  void endlessGuestsThatHoldEveryProcessorGiveWayToAStep() {
    var two = start(4, 2, 4 * MEMORY);
    var endless = steps("endless", 3);
    two.accept(endless);
    for (int i = 0; i < 3; i++) {
      nextEntered();
    }

    two.accept(steps("quick", 50));
    for (int i = 0; i < 50; i++) {
      assertThat(reports.nextOutcome().step().name()).isEqualTo("quick");
    }
    two.leasesLost(Set.copyOf(endless.stream().map(Step::claim).toList()));
    assertThat(two.drain(Duration.ofMinutes(5))).isTrue();
  }

  @Test
  void aLongGuestEndsBesideAnUnendingStreamOfShortOnes() {
    var one = start(8, 1, 8 * MEMORY);
    one.accept(steps("long", 1));
    nextEntered();

    one.accept(steps("brief", 4));
    int ended = 0;
    while (!name().equals("long")) {
      one.accept(steps("brief", 1));
      ended++;
    }
    assertThat(ended).isLessThanOrEqualTo(2000);
  }

  @Test
  void aGuestThatIsCancelledWhileItWaitsForAProcessorEndsAtOnce() {
    var one = start(2, 1, 2 * MEMORY);
    var waiting = steps("waiting", 1);
    one.accept(waiting);
    nextEntered();
    one.accept(steps("gated", 1));
    nextEntered();
    response.countDown();
    await(() -> one.waitingForPermit() == 1);

    one.leasesLost(Set.of(waiting.getFirst().claim()));

    await(() -> one.running() == 1);
    assertThat(one.waitingForPermit()).isZero();
    assertThat(one.computing()).isEqualTo(1);
    gate.countDown();
    assertThat(reports.nextOutcome().step().name()).isEqualTo("gated");
  }

  @Test
  void aGuestThatWaitsReservesWhatItHasAndItsLimitAgainBeforeItGoesOn() {
    var two = start(4, 2, MEMORY + 4 * MIB);
    two.accept(steps("waiting", 1));
    nextEntered();
    assertThat(two.memoryInUse()).isLessThan(2 * MIB);

    two.accept(steps("gated", 1));
    nextEntered();
    response.countDown();
    await(() -> two.waitingForPermit() == 1);
    two.accept(steps("quick", 1));
    assertThat(two.computing()).as("nobody starts before the one that waits").isEqualTo(1);

    gate.countDown();
    var ended = List.of(name(), name(), name());
    assertThat(ended).containsExactly("gated", "waiting", "quick");
    await(() -> two.running() == 0);
    assertThat(two.memoryInUse()).isZero();
  }

  @Test
  void whatAStepWaitedForAProcessorIsKnownToItsRun() {
    var one = start(2, 1, 2 * MEMORY);
    one.accept(steps("waiting", 1));
    nextEntered();
    one.accept(steps("gated", 1));
    nextEntered();
    response.countDown();
    await(() -> one.waitingForPermit() == 1);
    time.advance(Duration.ofSeconds(3));
    gate.countDown();

    nextEntered("waited 3000 ms");
  }

  @Test
  void asManyStepsAreClaimedAsProcessorsAreFreeNotAsSlotsAre() {
    var two = start(100, 2, 100 * MEMORY);
    assertThat(two.capacity()).isEqualTo(2);

    two.accept(steps("waiting", 2));
    nextEntered();
    nextEntered();
    await(() -> two.computing() == 0);
    assertThat(two.capacity()).isEqualTo(2);
  }

  private Dispatcher start(int slots, int processors, long memoryBytes) {
    var config = DispatchConfigs.of(slots, processors, memoryBytes);
    dispatcher =
        new Dispatcher(
            config,
            1 << 20,
            new Handlers(),
            new StepRunner(
                StepAccessFactory.BASIC,
                StepRules.NONE,
                config.retryPolicy(),
                time,
                () -> 0.5,
                EventSink.NONE),
            reports,
            time,
            EventSink.NONE);
    dispatcher.start();
    return dispatcher;
  }

  private InvocationResult waitForResponse(Invocation invocation) {
    invocation.permit().giveBack(MIB);
    entered.add("waiting");
    await(response);
    invocation.permit().take();
    entered.add("waited " + invocation.permit().waitedNanos() / 1_000_000 + " ms");
    return end(invocation);
  }

  private InvocationResult waitOften(Invocation invocation) {
    for (int i = 0; i < 50; i++) {
      mostComputing.accumulateAndGet(computing.incrementAndGet(), Math::max);
      Thread.onSpinWait();
      computing.decrementAndGet();
      invocation.permit().giveBack(MIB);
      Thread.onSpinWait();
      invocation.permit().take();
    }
    return end(invocation);
  }

  private InvocationResult computeLong(Invocation invocation) {
    entered.add("long");
    for (int i = 0; i < 100; i++) {
      time.advance(Duration.ofMillis(1));
      invocation.permit().tick();
    }
    return end(invocation);
  }

  private InvocationResult computeBriefly(Invocation invocation) {
    time.advance(Duration.ofMillis(1));
    return end(invocation);
  }

  private InvocationResult computeUntilGate(Invocation invocation) {
    entered.add("gated");
    await(gate);
    return end(invocation);
  }

  private InvocationResult computeUntilCancelled(Invocation invocation) {
    entered.add("endless");
    while (invocation.cancellation().reason() == null) {
      time.advance(Duration.ofMillis(1));
      invocation.permit().tick();
    }
    return end(invocation);
  }

  private static InvocationResult end(Invocation invocation) {
    var reason = invocation.cancellation().reason();
    return reason == null
        ? FakeEngine.writing(OUTPUT).run(invocation)
        : new InvocationResult.Cancelled(reason, FakeEngine.receipt());
  }

  private String name() {
    return reports.nextOutcome().step().name();
  }

  private String nextEntered() {
    try {
      var next = entered.poll(5, TimeUnit.MINUTES);
      if (next == null) {
        throw new AssertionError("no guest was entered");
      }
      return next;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  private void nextEntered(String expected) {
    assertThat(nextEntered()).isEqualTo(expected);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  private static List<Step> steps(String handler, int count) {
    return new ArrayList<>(Stream.generate(() -> Outcomes.step(handler)).limit(count).toList());
  }

  private final class Handlers implements HandlerResolver {
    @Override
    public Resolution resolve(HandlerRef ref) {
      var module = engine.compile(new WasmBinary(Document.of(ref.name()).bytes()), Limits.DEFAULTS);
      return new Resolution.Resolved(Outcomes.module(ref.name()), module, Grants.NONE, null);
    }

    @Override
    public Resolution cached(HandlerRef ref) {
      return resolve(ref);
    }
  }
}
