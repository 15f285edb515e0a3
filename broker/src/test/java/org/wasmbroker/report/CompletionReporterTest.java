package org.wasmbroker.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class CompletionReporterTest {
  private final ManualTime time = new ManualTime();
  private final ScriptedProtocol protocol = new ScriptedProtocol();
  private final RecordedEvents events = new RecordedEvents();
  private final CompletionReporter reporter = reporter(new ReportConfig(2, 500, 1000, 1000));

  private CompletionReporter reporter(ReportConfig config) {
    return new CompletionReporter(config, protocol, time, () -> 1, events);
  }

  @AfterEach
  void close() {
    protocol.gate.countDown();
    reporter.close();
  }

  @Test
  void allPendingOutcomesAreWrittenInOneTransaction() {
    var outcomes = report(20);

    assertThat(reporter.writeOnce()).isTrue();

    assertThat(protocol.batches).containsExactly(outcomes);
    assertThat(reporter.pending()).isEmpty();
    assertThat(reporter.writeOnce()).isFalse();
  }

  @Test
  void batchSizeIsLimited() {
    var small = reporter(new ReportConfig(1, 3, 1000, 1000));
    Stream.generate(CompletionReporterTest::outcome).limit(7).forEach(small::report);

    while (small.writeOnce()) {
      // until nothing waits
    }

    assertThat(protocol.batches).extracting(List::size).containsExactly(3, 3, 1);
  }

  @Test
  void aFloodIsWrittenInLargerBatches() {
    flood();

    report(60);
    assertThat(reporter.writeOnce()).isFalse();
    time.advance(Duration.ofMillis(5));
    report(139);
    assertThat(reporter.writeOnce()).isFalse();
    report(1);
    assertThat(reporter.writeOnce()).isTrue();

    assertThat(protocol.batches).extracting(List::size).containsExactly(60, 200);
  }

  @Test
  void inAFloodNoOutcomeWaitsLongerThanThat() {
    flood();

    report(2);
    time.advance(Duration.ofMillis(20).minusNanos(1));
    assertThat(reporter.writeOnce()).isFalse();
    time.advance(Duration.ofNanos(1));
    assertThat(reporter.writeOnce()).isTrue();

    report(1);
    assertThat(reporter.writeOnce()).as("the flood has ended").isTrue();
    assertThat(protocol.batches).extracting(List::size).containsExactly(60, 2, 1);
  }

  @Test
  void manyOutcomesAfterALongTimeAreNoFlood() {
    time.advance(Duration.ofSeconds(1));
    report(60);
    assertThat(reporter.writeOnce()).isTrue();

    report(1);
    assertThat(reporter.writeOnce()).isTrue();
  }

  @Test
  void aFloodWithASmallBacklogWaitsForNoMoreThanThatLetsThrough() {
    var small = reporter(new ReportConfig(1, 500, 80, 1000));
    time.advance(Duration.ofMillis(1));
    Stream.generate(CompletionReporterTest::outcome).limit(60).forEach(small::report);
    assertThat(small.writeOnce()).isTrue();

    Stream.generate(CompletionReporterTest::outcome).limit(21).forEach(small::report);

    assertThat(small.writeOnce()).isTrue();
  }

  @Test
  void flushingDoesNotWaitForALargerBatch() {
    flood();
    report(3);
    reporter.start();

    assertThat(reporter.flush(Duration.ofSeconds(30))).isTrue();
  }

  /** Makes the reporter see outcomes that come fast. */
  private void flood() {
    time.advance(Duration.ofMillis(1));
    report(60);
    assertThat(reporter.writeOnce()).isTrue();
  }

  @Test
  void anUnreachableDatabaseKeepsTheBatchAndIsRetriedAfterABackoff() {
    var outcomes = report(3);
    protocol.fail(
        new ProtocolException("gone", ProtocolException.Kind.TRANSIENT, null), any -> true);

    assertThat(reporter.writeOnce()).isTrue();
    assertThat(reporter.writeOnce()).isFalse();
    assertThat(reporter.pending()).hasSize(3);
    time.advance(Duration.ofMillis(100));
    assertThat(reporter.writeOnce()).isTrue();
    time.advance(Duration.ofMillis(199));
    assertThat(reporter.writeOnce()).isFalse();

    protocol.recover();
    time.advance(Duration.ofMillis(1));
    assertThat(reporter.writeOnce()).isTrue();
    assertThat(protocol.batches).containsExactly(outcomes);
    assertThat(events.recorded).containsExactly("failed 3 PT0.1S", "failed 3 PT0.2S", "reported 3");
  }

  @Test
  void onePoisonedOutcomeIsReplacedAndBlocksNoOther() {
    var outcomes = report(9);
    var poison = outcomes.get(4);
    protocol.fail(
        new ProtocolException("bad text", ProtocolException.Kind.PERMANENT, null), poison::equals);

    reporter.writeOnce();

    assertThat(protocol.written()).hasSize(9).containsAll(without(outcomes, poison));
    assertThat(protocol.written())
        .filteredOn(outcome -> outcome.step().equals(poison.step()))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.error().type()).isEqualTo("result_refused"));
    assertThat(reporter.pending()).isEmpty();
    assertThat(events.recorded).doesNotContain("dropped");
  }

  @Test
  void anUnstorableOutcomeIsReplacedByAFailureThatSaysSo() {
    var outcomes = report(9);
    var unstorable = outcomes.get(4);
    protocol.fail(
        new ProtocolException("NUL", ProtocolException.Kind.UNSTORABLE, null), unstorable::equals);

    reporter.writeOnce();

    assertThat(protocol.written())
        .hasSize(9)
        .filteredOn(outcome -> outcome.step().equals(unstorable.step()))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.error().type()).isEqualTo("result_not_storable"));
  }

  @Test
  void anOutcomeWhoseReplacementIsRefusedTooIsDroppedOnceOthersAreWritten() {
    var outcomes = report(4);
    var poison = outcomes.get(3);
    protocol.fail(
        new ProtocolException("bad step", ProtocolException.Kind.PERMANENT, null),
        outcome -> outcome.step().equals(poison.step()));

    reporter.writeOnce();
    assertThat(reporter.pending()).containsExactly(poison.step());
    assertThat(events.recorded).doesNotContain("dropped");
    reporter.report(outcome());
    time.advance(Duration.ofSeconds(1));
    reporter.writeOnce();
    time.advance(Duration.ofSeconds(1));
    reporter.writeOnce();

    assertThat(events.recorded).contains("dropped");
    assertThat(reporter.pending()).isEmpty();
    assertThat(protocol.written()).hasSize(4);
  }

  @Test
  void aDatabaseThatRefusesEverythingLosesNothing() {
    var outcomes = report(4);
    protocol.fail(
        new ProtocolException("no such table", ProtocolException.Kind.PERMANENT, null),
        any -> true);

    for (int i = 0; i < 5; i++) {
      reporter.writeOnce();
      time.advance(Duration.ofSeconds(10));
    }
    assertThat(reporter.pending()).hasSize(4);

    protocol.recover();
    reporter.writeOnce();
    assertThat(protocol.written()).hasSameElementsAs(outcomes);
    assertThat(events.recorded).doesNotContain("dropped");
  }

  @Test
  void anUnexpectedProtocolExceptionIsTreatedLikeARefusal() {
    var outcomes = report(2);
    protocol.fail(new IllegalStateException("a bug"), outcomes.getFirst()::equals);

    reporter.writeOnce();

    assertThat(protocol.written()).hasSize(2).contains(outcomes.getLast());
  }

  @Test
  void aLateOutcomeIsReportedAsAnEvent() {
    var outcomes = report(2);
    protocol.late = Set.of(outcomes.getFirst().step().claim());

    reporter.writeOnce();

    assertThat(events.late).containsExactly(outcomes.getFirst());
  }

  @Test
  void stepsAreReleasedAndTheReleaseIsRetriedWhenTheDatabaseIsUnreachable() {
    var steps = List.of(Outcomes.step("h"), Outcomes.step("h"));
    protocol.fail(
        new ProtocolException("gone", ProtocolException.Kind.TRANSIENT, null), any -> true);
    reporter.release(steps, Reason.DRAINING);

    reporter.writeOnce();
    assertThat(protocol.released).isEmpty();
    protocol.recover();
    time.advance(Duration.ofSeconds(1));
    reporter.writeOnce();

    assertThat(protocol.released).containsExactlyElementsOf(steps);
    assertThat(events.recorded).containsExactly("failed 2 PT0.1S", "released 2 draining");
  }

  @Test
  void oneStepThatCannotBeReleasedKeepsNoOtherClaimed() {
    var steps = IntStream.range(0, 9).mapToObj(_ -> Outcomes.step("h")).toList();
    var refused = steps.get(4);
    protocol.fail(
        new ProtocolException("no such row", ProtocolException.Kind.PERMANENT, null), any -> true);
    protocol.releaseFails = refused::equals;
    reporter.release(steps, Reason.DRAINING);

    reporter.writeOnce();

    assertThat(protocol.released)
        .containsExactlyInAnyOrderElementsOf(
            steps.stream().filter(step -> !step.equals(refused)).toList());
    assertThat(reporter.pending()).isEmpty();
  }

  @Test
  void capacityIsLimitedByBacklogCountAndBytes() {
    assertThat(reporter.capacity()).isEqualTo(1000);
    report(3);
    assertThat(reporter.capacity()).isEqualTo(997);

    reporter.report(
        new Outcome.Completed(
            Outcomes.step("h"),
            Document.of("x".repeat(1000)),
            Instant.EPOCH,
            Outcomes.receipt("h")));
    assertThat(reporter.capacity()).isZero();

    reporter.writeOnce();
    assertThat(reporter.capacity()).isEqualTo(1000);
  }

  @Test
  void aStepIsPendingWhileItsOutcomeIsBeingWritten() throws Exception {
    protocol.hold();
    var held = report(2);
    reporter.start();
    assertThat(protocol.entered.await(5, TimeUnit.MINUTES)).isTrue();

    assertThat(reporter.pending()).hasSize(2);
    assertThat(reporter.capacity()).isEqualTo(998);
    protocol.gate.countDown();
    assertThat(reporter.flush(Duration.ofMinutes(5))).isTrue();
    assertThat(protocol.written()).hasSameElementsAs(held);
  }

  @Test
  void outcomesReportedDuringAWriteFormTheNextBatch() throws Exception {
    protocol.hold();
    reporter.start();
    report(1);
    assertThat(protocol.entered.await(5, TimeUnit.MINUTES)).isTrue();
    report(50);
    protocol.gate.countDown();
    assertThat(reporter.flush(Duration.ofMinutes(5))).isTrue();

    assertThat(protocol.batches.size()).isBetween(2, 3);
    assertThat(protocol.written()).hasSize(51);
  }

  @Test
  void everyOutcomeFromManyThreadsIsWrittenOnce() throws Exception {
    var wide = reporter(new ReportConfig(2, 50, 100_000, 1 << 30));
    wide.start();
    var threads =
        Stream.generate(
                () ->
                    Thread.ofPlatform()
                        .start(
                            () ->
                                Stream.generate(CompletionReporterTest::outcome)
                                    .limit(2000)
                                    .forEach(wide::report)))
            .limit(4)
            .toList();
    for (var thread : threads) {
      thread.join();
    }

    assertThat(wide.flush(Duration.ofMinutes(5))).isTrue();
    wide.close();
    assertThat(protocol.written()).hasSize(8000).doesNotHaveDuplicates();
  }

  @Test
  void flushingEndsAfterItsBudgetAndClosingLogsWhatIsUnwritten() {
    report(3);
    protocol.fail(
        new ProtocolException("gone", ProtocolException.Kind.TRANSIENT, null), any -> true);
    assertThat(reporter.writeOnce()).as("fails, and is not tried again before its time").isTrue();
    reporter.start();

    assertThat(reporter.flush(Duration.ofMillis(20))).isFalse();
    reporter.close();
    reporter.close();

    assertThat(events.recorded.stream().filter("dropped"::equals)).hasSize(3);
    assertThat(protocol.written()).isEmpty();
  }

  private List<Outcome> report(int count) {
    var outcomes = Stream.generate(CompletionReporterTest::outcome).limit(count).toList();
    outcomes.forEach(reporter::report);
    return outcomes;
  }

  private static Outcome outcome() {
    return Outcomes.completed(Outcomes.receipt("transform"));
  }

  private static List<Outcome> without(List<Outcome> outcomes, Outcome one) {
    return outcomes.stream().filter(outcome -> !outcome.equals(one)).toList();
  }

  /** Fails as scripted, and can block the first batch. */
  private static final class ScriptedProtocol implements StepProtocol {
    final ConcurrentLinkedQueue<List<Outcome>> batches = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Step> released = new ConcurrentLinkedQueue<>();
    final CountDownLatch entered = new CountDownLatch(1);
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile Set<Claim> late = Set.of();
    private volatile RuntimeException failure = new IllegalStateException();
    private volatile Predicate<Outcome> fails = outcome -> false;
    private volatile boolean failing;
    volatile Predicate<Step> releaseFails = step -> true;

    void fail(RuntimeException with, Predicate<Outcome> when) {
      failure = with;
      fails = when;
      failing = true;
    }

    void recover() {
      failing = false;
    }

    List<Outcome> written() {
      var written = new ArrayList<Outcome>();
      batches.forEach(written::addAll);
      return written;
    }

    @Override
    public Set<Claim> complete(List<Outcome> outcomes) {
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException stop) {
        throw new IllegalStateException(stop);
      }
      if (failing && outcomes.stream().anyMatch(fails)) {
        throw failure;
      }
      batches.add(outcomes);
      return late;
    }

    @Override
    public void release(Collection<Step> steps) {
      if (failing && steps.stream().anyMatch(releaseFails)) {
        throw failure;
      }
      released.addAll(steps);
    }

    @Override
    public Duration renewEvery() {
      throw new AssertionError("not called in this test");
    }

    @Override
    public void prepare() {}

    @Override
    public ClaimResult claim(int atMost) {
      return new ClaimResult(List.of(), 0);
    }

    @Override
    public Set<Claim> renew(Collection<Step> steps) {
      return Set.of();
    }

    @Override
    public Subscription subscribe(Runnable wakeUp) {
      return () -> {};
    }

    /** Holds every batch from now on until the gate is opened. */
    void hold() {
      gate = new CountDownLatch(1);
    }

    @Override
    public void close() {}
  }

  private static final class RecordedEvents implements EventSink {
    final ConcurrentLinkedQueue<String> recorded = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Outcome> late = new ConcurrentLinkedQueue<>();

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof ReportEvent.Written(int outcomes, _, _)) {
        recorded.add("reported " + outcomes);
      } else if (event instanceof ReportEvent.WriteFailed(int outcomes, _, Duration delay)) {
        recorded.add("failed " + outcomes + " " + delay);
      } else if (event instanceof ReportEvent.Released(var steps, Reason reason)) {
        recorded.add("released " + steps.size() + " " + reason.text());
      } else if (event instanceof StepEvent.OutcomeDropped) {
        recorded.add("dropped");
      } else if (event instanceof StepEvent.OutcomeLate(Outcome outcome)) {
        late.add(outcome);
      }
    }
  }
}
