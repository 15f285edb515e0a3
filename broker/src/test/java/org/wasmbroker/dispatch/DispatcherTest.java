package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeReporter;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class DispatcherTest {
  private static final String OUTPUT = "{\"status\":\"completed\",\"result\":1}";

  private final ManualTime time = new ManualTime();
  private final FakeReporter reports = new FakeReporter();
  private final RecordedEvents events = new RecordedEvents();
  private final BlockingQueue<Invocation> entered = new LinkedBlockingQueue<>();
  private final AtomicInteger inside = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> company = new ConcurrentLinkedQueue<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final FakeEngine engine =
      new FakeEngine()
          .with("quick", FakeEngine.writing(OUTPUT))
          .with("known", FakeEngine.writing(OUTPUT))
          .with("gated", this::gated)
          .with("alone", invocation -> inCompany(true))
          .with("beside", invocation -> inCompany(false))
          .with("obedient", this::untilCancelled);
  private final CountDownLatch loaded = new CountDownLatch(1);
  private final HandlerResolver handlers = new Handlers();
  private final Dispatcher dispatcher = dispatcher(2, 1000);

  private Dispatcher dispatcher(int slots, int prefetchMax) {
    var d = DispatchConfig.DEFAULTS;
    var config =
        new DispatchConfig(
            slots,
            DispatchConfig.DEFAULTS.memoryBytes(),
            d.prefetchWindow(),
            prefetchMax,
            d.drainGrace(),
            d.retryBase(),
            d.retryMax(),
            d.retryAfterMax(),
            d.stallAfter());
    return new Dispatcher(
        config,
        1 << 20,
        handlers,
        new StepRunner(
            StepAccessFactory.BASIC, StepRules.NONE, config.retryPolicy(), time, () -> 0.5, events),
        reports,
        time,
        events);
  }

  @AfterEach
  void close() {
    gate.countDown();
    loaded.countDown();
    dispatcher.close();
  }

  @Test
  void capacityIsTheNumberOfFreeSlotsBeforeAnyStepHasRun() {
    assertThat(dispatcher.capacity()).isEqualTo(2);

    dispatcher.accept(steps("quick", 1));
    assertThat(dispatcher.capacity()).isEqualTo(1);
    dispatcher.accept(steps("quick", 1));
    assertThat(dispatcher.capacity()).isZero();
  }

  @Test
  void nothingIsStalledWhileNoStepWaitsOrStepsStart() {
    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().isStalled()).isFalse();

    dispatcher.start();
    dispatcher.accept(steps("quick", 10));
    for (int i = 0; i < 10; i++) {
      reports.nextOutcome();
    }
    awaitIdle();
    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().isStalled()).isFalse();
  }

  @Test
  void stepsThatCouldStartAndDoNotAreAStall() {
    dispatcher.accept(steps("known", 2)); // its threads are not started
    assertThat(dispatcher.progress().stalled()).isZero();

    time.advance(Duration.ofSeconds(59));
    assertThat(dispatcher.progress().isStalled()).isFalse();
    time.advance(Duration.ofSeconds(1));
    var progress = dispatcher.progress();
    assertThat(progress.isStalled()).isTrue();
    assertThat(progress.describe())
        .isEqualTo("no step has started for 60 s although 2 wait and slots are free");

    dispatcher.start();
    reports.nextOutcome();
    reports.nextOutcome();
    assertThat(dispatcher.progress().isStalled()).isFalse();
  }

  @Test
  void slotsHeldBeyondEveryTimeLimitAreAStallOnceThereIsNoOther() {
    dispatcher.start();
    dispatcher.accept(steps("gated", 1));
    enteredGuest();
    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().overrunning()).isEqualTo(1);
    assertThat(dispatcher.progress().isStalled()).isFalse();

    dispatcher.accept(steps("gated", 1));
    enteredGuest();
    assertThat(dispatcher.progress().isStalled()).isFalse();
    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().isStalled()).isTrue();
    assertThat(dispatcher.progress().describe()).startsWith("all 2 slots are held");
  }

  @Test
  void aStepThatWaitsForAGuestThatDoesNotEndIsAStall() {
    dispatcher.start();
    dispatcher.accept(steps("gated", 1));
    enteredGuest();
    dispatcher.accept(List.of(Outcomes.suspect("quick", 2))); // it would run alone
    assertThat(dispatcher.progress().isStalled()).isFalse();

    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().overrunning()).isEqualTo(1);
    time.advance(Duration.ofHours(1));
    assertThat(dispatcher.progress().isStalled()).isTrue();
  }

  @Test
  void aStepIsGivenBackAndItsSlotWorksOnWhateverTheReporterThrows() {
    reports.failNext(new AssertionError("of the test"), 2);
    try (var one = dispatcher(1, 0)) {
      one.start();
      var step = steps("quick", 1);
      one.accept(step);

      assertThat(reports.nextReleased()).isEqualTo(step.getFirst());
      var next = steps("quick", 1);
      one.accept(next);
      assertThat(reports.nextOutcome().step()).isEqualTo(next.getFirst());
    }
  }

  @Test
  void noGuestRunsBesideAStepThatRunsAloneAndEveryStepEnds() {
    try (var wide = dispatcher(4, 1000)) {
      wide.start();
      var steps = new ArrayList<Step>();
      for (int i = 0; i < 500; i++) {
        steps.add(i % 25 == 7 ? Outcomes.suspect("alone", 2) : Outcomes.step("beside"));
      }
      wide.accept(steps);

      for (int i = 0; i < steps.size(); i++) {
        assertThat(reports.nextOutcome()).isInstanceOf(Outcome.Completed.class);
      }
      assertThat(company).isEmpty();
      assertThat(reports.flushes()).as("before each step that runs alone").isEqualTo(20);
    }
  }

  @Test
  void quickStepsAllowPrefetchingBeyondTheSlots() {
    dispatcher.start();
    for (int i = 0; i < 10; i++) {
      dispatcher.accept(steps("quick", 1));
      reports.nextOutcome();
    }
    awaitIdle();

    assertThat(dispatcher.capacity()).isEqualTo(42);
  }

  @Test
  void capacityNeverExceedsTheReporterBacklog() {
    reports.capacity(1);
    assertThat(dispatcher.capacity()).isEqualTo(1);

    reports.capacity(0);
    assertThat(dispatcher.capacity()).isZero();
  }

  @Test
  void waitingAndRunningStepsCountAgainstTheReporterBacklog() {
    try (var wide = dispatcher(10, 0)) {
      wide.start();
      reports.capacity(3);
      wide.accept(steps("gated", 2));
      enteredGuest();
      enteredGuest();

      assertThat(wide.capacity()).isEqualTo(1);
      gate.countDown();
    }
  }

  @Test
  void theCapacityListenerIsNotifiedOnceWhenASlotIsFreed() throws InterruptedException {
    var notifications = new LinkedBlockingQueue<String>();
    dispatcher.start();
    dispatcher.accept(steps("gated", 2));
    enteredGuest();
    enteredGuest();
    assertThat(dispatcher.capacity()).isZero();
    dispatcher.notifyWhenCapacity(() -> notifications.add("capacity"));

    gate.countDown();
    reports.nextOutcome();
    reports.nextOutcome();

    assertThat(notifications.poll(1, TimeUnit.MINUTES)).isEqualTo("capacity");
    dispatcher.close(); // its threads have ended, and none is left to notify again
    assertThat(notifications).isEmpty();
  }

  @Test
  void stepsRunInArrivalOrder() {
    try (var one = dispatcher(1, 0)) {
      var steps = steps("quick", 50);
      one.accept(steps);
      one.start();

      for (var step : steps) {
        assertThat(reports.nextOutcome().step()).isEqualTo(step);
      }
    }
  }

  @Test
  void waitingRunningAndUnwrittenStepsAreOwned() {
    dispatcher.start();
    var steps = steps("gated", 3);
    var done = steps("quick", 1);
    dispatcher.accept(done);
    var outcome = reports.nextOutcome();
    reports.report(outcome);
    dispatcher.accept(steps);
    enteredGuest();
    enteredGuest();

    assertThat(dispatcher.owned())
        .containsExactlyInAnyOrderElementsOf(Stream.concat(steps.stream(), done.stream()).toList());
  }

  @Test
  void aLostLeaseCancelsOnlyThatGuestAndDropsItsResult() {
    dispatcher.start();
    var lost = steps("obedient", 1);
    var kept = steps("gated", 1);
    dispatcher.accept(lost);
    var invocation = enteredGuest();
    dispatcher.accept(kept);
    enteredGuest();

    dispatcher.leasesLost(Set.of(lost.getFirst().claim()));
    assertThat(invocation.cancellation().reason()).isEqualTo("lease lost");
    gate.countDown();

    assertThat(reports.nextOutcome().step()).isEqualTo(kept.getFirst());
    awaitIdle();
    assertThat(reports.outcomes()).isEmpty();
    assertThat(reports.released()).isEmpty();
    assertThat(events.lost).containsExactlyElementsOf(lost);
  }

  @Test
  void aResultThatArrivesAfterTheLeaseWasLostIsDropped() {
    dispatcher.start();
    var steps = steps("gated", 1);
    dispatcher.accept(steps);
    enteredGuest();

    dispatcher.leasesLost(Set.of(steps.getFirst().claim()));
    assertThat(dispatcher.owned()).isEmpty();
    gate.countDown();

    awaitIdle();
    assertThat(reports.outcomes()).isEmpty();
    assertThat(events.lost).containsExactlyElementsOf(steps);
  }

  @Test
  void aWaitingStepWhoseLeaseIsLostNeverRuns() {
    var steps = steps("quick", 2);
    dispatcher.accept(steps);

    dispatcher.leasesLost(Set.of(steps.getFirst().claim()));
    dispatcher.start();

    assertThat(reports.nextOutcome().step()).isEqualTo(steps.getLast());
    assertThat(events.lost).containsExactly(steps.getFirst());
  }

  @Test
  void losingAClaimThatIsNotHeldIsIgnored() {
    dispatcher.leasesLost(Set.of(Outcomes.step("quick").claim()));

    assertThat(events.lost).isEmpty();
  }

  @Test
  void stepsThatWaitTooLongAreReleased() {
    dispatcher.start();
    var running = steps("gated", 2);
    dispatcher.accept(running);
    enteredGuest();
    enteredGuest();
    var waiting = steps("quick", 5);
    dispatcher.accept(waiting);

    time.advance(Duration.ofSeconds(1));
    dispatcher.releaseOverdue();
    assertThat(reports.released()).isEmpty();

    time.advance(Duration.ofMillis(1));
    dispatcher.releaseOverdue();
    assertThat(reports.released()).containsExactlyElementsOf(waiting);
    assertThat(dispatcher.owned()).containsExactlyInAnyOrderElementsOf(running);
  }

  @Test
  void stepsOfOtherHandlersRunWhileAModuleIsBeingLoaded() {
    dispatcher.start();
    var slow = steps("slow", 5);
    dispatcher.accept(slow);
    dispatcher.accept(steps("quick", 5));

    for (int i = 0; i < 5; i++) {
      assertThat(reports.nextOutcome().step().name()).isEqualTo("quick");
    }
    assertThat(dispatcher.owned()).containsExactlyInAnyOrderElementsOf(slow);

    loaded.countDown();
    for (int i = 0; i < 5; i++) {
      assertThat(reports.nextOutcome().step().name()).isEqualTo("slow");
    }
  }

  @Test
  void stepsWhoseModuleTakesLongToLoadCountAgainstTheCapacityForASecond() {
    dispatcher.accept(steps("slow", 2));
    assertThat(dispatcher.capacity()).isZero();

    time.advance(Duration.ofSeconds(1));
    assertThat(dispatcher.capacity()).isEqualTo(2);
    dispatcher.accept(steps("slow", 254));
    assertThat(dispatcher.capacity()).isEqualTo(2);
    dispatcher.accept(steps("slow", 2));
    assertThat(dispatcher.capacity()).isZero();

    time.advance(Duration.ofMinutes(1));
    dispatcher.releaseOverdue();
    assertThat(reports.released()).isEmpty();
    assertThat(dispatcher.waiting()).isEqualTo(258);
  }

  @Test
  void drainingReleasesStepsWhoseModuleIsBeingLoadedAndDoesNotWaitForIt() {
    dispatcher.start();
    var slow = steps("slow", 3);
    dispatcher.accept(slow);

    assertThat(dispatcher.drain(Duration.ofDays(1))).isTrue();

    assertThat(reports.released()).containsExactlyElementsOf(slow);
    dispatcher.close();
    assertThat(loaded.getCount()).isEqualTo(1);
  }

  @Test
  void aLostLeaseEndsAStepWhoseModuleIsBeingLoaded() {
    dispatcher.start();
    var slow = steps("slow", 2);
    dispatcher.accept(slow);

    dispatcher.leasesLost(Set.of(slow.getFirst().claim()));
    loaded.countDown();

    assertThat(reports.nextOutcome().step()).isEqualTo(slow.getLast());
    awaitIdle();
    assertThat(dispatcher.owned()).doesNotContain(slow.getFirst());
  }

  @Test
  void drainingReleasesWaitingStepsAndReportsThoseThatFinishInTime() {
    dispatcher.start();
    var running = steps("gated", 2);
    dispatcher.accept(running);
    enteredGuest();
    enteredGuest();
    var waiting = steps("quick", 3);
    dispatcher.accept(waiting);
    events.onDraining = gate::countDown;

    assertThat(dispatcher.drain(Duration.ofMinutes(5))).isTrue();

    assertThat(reports.released()).containsExactlyElementsOf(waiting);
    assertThat(reports.outcomes()).extracting(Outcome::step).hasSameElementsAs(running);
    assertThat(dispatcher.capacity()).isZero();
    assertThat(events.interrupted).isEmpty();
  }

  @Test
  void aStepThatOutlivesTheGracePeriodIsInterruptedAndReleased() {
    dispatcher.start();
    var running = steps("obedient", 2);
    dispatcher.accept(running);
    enteredGuest();
    enteredGuest();

    assertThat(dispatcher.drain(Duration.ZERO, Duration.ofMinutes(5))).isTrue();

    assertThat(reports.released()).hasSameElementsAs(running);
    assertThat(reports.outcomes()).isEmpty();
    assertThat(events.interrupted).containsExactly(2);
  }

  @Test
  void stepsAcceptedWhileDrainingAreReleasedImmediately() {
    dispatcher.start();
    dispatcher.drain(Duration.ZERO);
    var late = steps("quick", 2);

    dispatcher.accept(late);

    assertThat(reports.released()).containsExactlyElementsOf(late);
  }

  @Test
  void closingStopsEveryGuestThreadAndLosesNoStep() {
    dispatcher.start();
    var steps = steps("obedient", 5);
    dispatcher.accept(steps);
    enteredGuest();
    enteredGuest();

    dispatcher.close();
    dispatcher.close();

    // A guest that does not stop in time is left to itself.
    Await.until("the release of all steps", () -> reports.released().size() >= steps.size());
    assertThat(reports.released()).hasSameElementsAs(steps);
    Await.until(
        "the end of all threads",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("guest-")));
  }

  @Test
  void closingBeforeStartReleasesWaitingSteps() {
    var steps = steps("quick", 2);
    dispatcher.accept(steps);

    dispatcher.close();

    assertThat(reports.released()).containsExactlyElementsOf(steps);
  }

  @Test
  void stepStartsAndEndsAreReportedAsEvents() {
    dispatcher.start();
    dispatcher.accept(steps("quick", 1));
    var outcome = reports.nextOutcome();
    dispatcher.drain(Duration.ofMinutes(5));

    assertThat(events.started).containsExactly(outcome.step());
    assertThat(events.ended).containsExactly(outcome);
  }

  /** Records the company of a guest that must be alone. */
  private InvocationResult inCompany(boolean alone) {
    int others = inside.getAndIncrement();
    LockSupport.parkNanos(1_000);
    if (alone && (others > 0 || inside.get() > 1)) {
      company.add("alone beside others");
    }
    inside.decrementAndGet();
    return new InvocationResult.Completed(Document.of(OUTPUT), FakeEngine.receipt());
  }

  private InvocationResult gated(Invocation invocation) {
    entered.add(invocation);
    try {
      gate.await();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
    return FakeEngine.writing(OUTPUT).run(invocation);
  }

  private InvocationResult untilCancelled(Invocation invocation) {
    entered.add(invocation);
    return FakeEngine.untilCancelled(invocation);
  }

  private Invocation enteredGuest() {
    try {
      var invocation = entered.poll(5, TimeUnit.MINUTES);
      if (invocation == null) {
        throw new AssertionError("no guest was entered");
      }
      return invocation;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  /** An outcome is reported a moment before its slot is free. */
  private void awaitIdle() {
    while (dispatcher.running() + dispatcher.waiting() > 0) {
      Thread.onSpinWait();
    }
  }

  private static List<Step> steps(String handler, int count) {
    return Stream.generate(() -> Outcomes.step(handler)).limit(count).toList();
  }

  private static final class RecordedEvents implements EventSink {
    final ConcurrentLinkedQueue<Step> started = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Outcome> ended = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Step> lost = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Integer> interrupted = new ConcurrentLinkedQueue<>();
    volatile Runnable onDraining = () -> {};

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof StepEvent.Started(Step step, _)) {
        started.add(step);
      } else if (event instanceof StepEvent.Ended(Outcome outcome)) {
        ended.add(outcome);
      } else if (event instanceof StepEvent.LeaseLost(Step step)) {
        lost.add(step);
      } else if (event instanceof LifecycleEvent.DrainOverrun(int steps)) {
        interrupted.add(steps);
      } else if (event instanceof LifecycleEvent.DrainStarted) {
        onDraining.run();
      }
    }
  }

  /** All of them are known but {@code slow}, which is loaded when the test says so. */
  private final class Handlers implements HandlerResolver {
    @Override
    public Resolution resolve(HandlerRef ref) {
      if (ref.name().equals("slow")) {
        try {
          loaded.await();
        } catch (InterruptedException stop) {
          throw new IllegalStateException(stop);
        }
      }
      return resolved(ref);
    }

    @Override
    public @Nullable Resolution cached(HandlerRef ref) {
      return ref.name().equals("slow") ? null : resolved(ref);
    }

    private Resolution resolved(HandlerRef ref) {
      var name = ref.name().equals("slow") ? "quick" : ref.name();
      var module = engine.compile(new WasmBinary(Document.of(name).bytes()), Limits.DEFAULTS);
      return new Resolution.Resolved(Outcomes.module(ref.name()), module, Grants.NONE, null);
    }
  }
}
