package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.testing.Outcomes;

/** The contract of every {@link StepProtocol}, the real ones on Postgres and the fake alike. */
public abstract class StepProtocolContract<H extends StepQueue> {
  protected H queue;
  protected StepProtocol worker;
  protected StepProtocol other;
  private final List<StepProtocol> workers = new ArrayList<>();

  /** An empty queue. */
  protected abstract H queue();

  @BeforeEach
  void connect() {
    queue = queue();
    worker = connectAnother();
    other = connectAnother();
  }

  @AfterEach
  void close() {
    workers.forEach(StepProtocol::close);
  }

  private StepProtocol connectAnother() {
    var one = queue.connect();
    workers.add(one);
    return one;
  }

  @Test
  void aClaimTakesAtMostTheRequestedNumberOldestFirst() {
    var ready = queue.ready(5);
    var first = worker.claim(3);
    var second = other.claim(3);
    assertThat(ids(first.steps())).isEqualTo(ready.subList(0, 3));
    assertThat(first.read()).isEqualTo(3);
    assertThat(ids(second.steps())).isEqualTo(ready.subList(3, 5));
    assertThat(second.read()).isEqualTo(2);
    assertThat(worker.claim(3).steps()).isEmpty();
  }

  @Test
  void aClaimForZeroStepsIsRejected() {
    assertThatThrownBy(() -> worker.claim(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void eightWorkersNeverClaimAStepTwice() throws Exception {
    var ready = queue.ready(2000);
    var claimed = new ArrayList<UUID>();
    try (var threads = Executors.newFixedThreadPool(8)) {
      var running = new ArrayList<Future<List<UUID>>>();
      for (int i = 0; i < 8; i++) {
        var one = connectAnother();
        running.add(threads.submit(() -> drain(one)));
      }
      for (var run : running) {
        claimed.addAll(run.get());
      }
    }
    assertThat(claimed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(ready);
    assertThat(queue.ended())
        .containsExactlyInAnyOrderElementsOf(ready.stream().map(id -> id + " completed").toList());
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aCompletedStepLeavesOneResultAndNoMessage() {
    var step = claimOne();
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).isEmpty();
    assertThat(queue.ended()).containsExactly(step.id() + " completed");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void completingTwiceChangesNothingAndReportsNoLoss() {
    var step = claimOne();
    worker.complete(List.of(Outcomes.completed(step)));
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).isEmpty();
    queue.processReports();
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).isEmpty();
    assertThat(queue.ended()).containsExactly(step.id() + " completed");
  }

  @Test
  void anOutcomeTwiceInOneBatchIsWrittenOnce() {
    var step = claimOne();
    var completed = Outcomes.completed(step);
    assertThat(worker.complete(List.of(completed, completed))).isEmpty();
    assertThat(queue.ended()).hasSize(1);
  }

  @Test
  void theOutcomeOfALostClaimIsDroppedAndReportedAndTheOthersAreWritten() {
    queue.ready(3);
    var steps = worker.claim(3).steps();
    assertThat(worker.complete(List.of(Outcomes.completed(steps.get(1))))).isEmpty();
    var taken = queue.takeOver(steps.get(0), other);
    var lost =
        worker.complete(
            List.of(Outcomes.completed(steps.get(0)), Outcomes.completed(steps.get(2))));
    assertThat(lost).containsExactly(steps.get(0).claim());
    assertThat(taken.id()).isEqualTo(steps.get(0).id());
    assertThat(queue.ended())
        .containsExactlyInAnyOrder(
            steps.get(1).id() + " completed", steps.get(2).id() + " completed");
    assertThat(other.complete(List.of(Outcomes.completed(taken)))).isEmpty();
    assertThat(queue.ended()).hasSize(3).contains(taken.id() + " completed");
  }

  @Test
  void anyOutcomeOfALostClaimIsDroppedEvenAfterTheStepHasEnded() {
    var step = claimOne();
    var taken = queue.takeOver(step, other);
    other.complete(List.of(Outcomes.completed(taken)));
    var late =
        List.of(
            Outcomes.completed(step),
            Outcomes.failed(step),
            Outcomes.exhausted(step),
            Outcomes.retry(step, Duration.ZERO));
    for (var outcome : late) {
      assertThat(worker.complete(List.of(outcome))).containsExactly(step.claim());
    }
    queue.makeRetriesDue();
    assertThat(other.claim(1).steps()).isEmpty();
    assertThat(queue.ended()).containsExactly(step.id() + " completed");
  }

  @Test
  void aRetryOfALostClaimIsDroppedAndReported() {
    var step = claimOne();
    queue.takeOver(step, other);
    assertThat(worker.complete(List.of(Outcomes.retry(step, Duration.ZERO))))
        .containsExactly(step.claim());
    queue.processReports();
    assertThat(worker.claim(1).steps()).isEmpty();
  }

  @Test
  void renewingReportsLostClaimsAndKeepsTheOthers() {
    queue.ready(2);
    var steps = worker.claim(2).steps();
    assertThat(worker.renew(steps)).isEmpty();
    queue.takeOver(steps.getFirst(), other);
    assertThat(worker.renew(steps)).containsExactly(steps.getFirst().claim());
    assertThat(other.claim(1).steps()).isEmpty();
    assertThat(worker.complete(List.of(Outcomes.completed(steps.getLast())))).isEmpty();
  }

  @Test
  void renewingAnEndedStepReportsItsClaimAsLost() {
    var step = claimOne();
    worker.complete(List.of(Outcomes.completed(step)));
    assertThat(worker.renew(List.of(step))).containsExactly(step.claim());
  }

  @Test
  void aReleasedStepIsReadyImmediatelyAndItsAttemptDoesNotCount() {
    var step = claimOne();
    worker.release(List.of(step));
    queue.processReports();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.id()).isEqualTo(step.id());
    assertThat(again.attempt()).isEqualTo(step.attempt());
    assertThat(again.claim()).isNotEqualTo(step.claim());
  }

  @Test
  void aStepWithOneAttemptStillRunsAfterItWasReleased() {
    queue.ready(1, 1);
    worker.release(worker.claim(1).steps());
    queue.processReports();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.attempt().number()).isEqualTo(1);
    assertThat(again.attempt().max()).isEqualTo(1);
  }

  @Test
  void aReleasedStepNoLongerBelongsToItsFormerOwner() {
    var step = claimOne();
    worker.release(List.of(step));
    worker.renew(List.of(step));
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).containsExactly(step.claim());
    assertThat(worker.complete(List.of(Outcomes.failed(step)))).containsExactly(step.claim());
    assertThat(queue.ended()).isEmpty();
    queue.processReports();
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).containsExactly(step.claim());
    assertThat(other.claim(1).steps()).hasSize(1);
  }

  @Test
  void releasingTwiceHasTheEffectOfReleasingOnce() {
    var step = claimOne();
    worker.release(List.of(step));
    worker.release(List.of(step));
    queue.processReports();
    worker.release(List.of(step));
    var again = other.claim(9).steps();
    assertThat(ids(again)).containsExactly(step.id().value());
    assertThat(again.getFirst().attempt()).isEqualTo(step.attempt());
  }

  @Test
  void releasingALostStepDoesNothing() {
    var step = claimOne();
    var taken = queue.takeOver(step, other);
    worker.release(List.of(step));
    queue.processReports();
    assertThat(worker.claim(1).steps()).isEmpty();
    assertThat(other.complete(List.of(Outcomes.completed(taken)))).isEmpty();
  }

  @Test
  void aRetryBecomesTheNextAttemptAfterItsDelay() {
    var step = claimOne();
    assertThat(worker.complete(List.of(Outcomes.retry(step, Duration.ofHours(1))))).isEmpty();
    assertThat(other.claim(1).steps()).isEmpty();
    queue.makeRetriesDue();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.id()).isEqualTo(step.id());
    assertThat(step.attempt().number()).isEqualTo(1);
    assertThat(again.attempt().number()).isEqualTo(2);
    assertThat(queue.ended()).isEmpty();
  }

  @Test
  void aRetryWrittenTwiceCountsOnce() {
    var step = claimOne();
    var retry = Outcomes.retry(step, Duration.ofHours(1));
    worker.complete(List.of(retry));
    assertThat(worker.complete(List.of(retry))).isEmpty();
    queue.makeRetriesDue();
    var again = other.claim(9).steps();
    assertThat(ids(again)).containsExactly(step.id().value());
    assertThat(again.getFirst().attempt().number()).isEqualTo(2);
  }

  @Test
  void aRenewalAfterARetryDoesNotHideTheStep() {
    var step = claimOne();
    worker.complete(List.of(Outcomes.retry(step, Duration.ZERO)));
    worker.renew(List.of(step));
    queue.processReports();
    assertThat(other.claim(1).steps()).hasSize(1);
  }

  @Test
  void aStepIsRetriedUntilItsLastAttemptHasFailed() {
    var id = queue.ready(1, 3).getFirst();
    var attempts = new ArrayList<Integer>();
    for (var steps = worker.claim(9).steps(); !steps.isEmpty(); steps = worker.claim(9).steps()) {
      assertThat(ids(steps)).containsExactly(id);
      var step = steps.getFirst();
      attempts.add(step.attempt().number());
      boolean last = step.attempt().number() == step.attempt().max();
      var outcome = last ? Outcomes.exhausted(step) : Outcomes.retry(step, Duration.ofHours(1));
      assertThat(worker.complete(List.of(outcome))).isEmpty();
      queue.makeRetriesDue();
    }
    assertThat(attempts).containsExactly(1, 2, 3);
    assertThat(queue.ended()).containsExactly(id + " failed");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aPermanentFailureLeavesAResult() {
    var step = claimOne();
    assertThat(worker.complete(List.of(Outcomes.failed(step)))).isEmpty();
    queue.makeRetriesDue();
    assertThat(queue.ended()).containsExactly(step.id() + " failed");
    assertThat(queue.queued()).isZero();
    assertThat(other.claim(1).steps()).isEmpty();
  }

  @Test
  void oneBatchMayContainEveryKindOfOutcome() {
    var ready = queue.ready(3);
    var lastAttempt = queue.ready(1, 1).getFirst();
    var steps = worker.claim(4).steps();
    var lost =
        worker.complete(
            List.of(
                Outcomes.completed(steps.get(0)),
                Outcomes.failed(steps.get(1)),
                Outcomes.retry(steps.get(2), Duration.ZERO),
                Outcomes.exhausted(steps.get(3))));
    assertThat(lost).isEmpty();
    queue.processReports();
    assertThat(queue.ended())
        .containsExactlyInAnyOrder(
            ready.get(0) + " completed", ready.get(1) + " failed", lastAttempt + " failed");
    assertThat(ids(other.claim(9).steps())).containsExactly(ready.get(2));
  }

  @Test
  void invalidMessagesAreSetAsideAndBlockNothing() {
    var before = queue.ready(1);
    var noSteps =
        List.of(
            "\"this is not a step\"",
            "null",
            "17",
            "[]",
            "{}",
            "{\"handler\":\"echo\"}",
            "{\"step_uuid\":null,\"handler\":\"echo\"}",
            "{\"step_uuid\":{},\"handler\":\"echo\"}",
            "{\"step_uuid\":\"not-one\",\"handler\":\"echo\"}");
    noSteps.forEach(queue::send);
    var after = queue.ready(1);
    var claimed = worker.claim(20);
    assertThat(claimed.read()).isEqualTo(noSteps.size() + 2);
    assertThat(ids(claimed.steps())).containsExactly(before.getFirst(), after.getFirst());
    assertThat(queue.rejected()).isEqualTo(noSteps.size());
    assertThat(queue.ended()).isEmpty();
    assertThat(worker.complete(claimed.steps().stream().map(Outcomes::completed).toList()))
        .isEmpty();
    assertThat(queue.queued()).isZero();
    assertThat(queue.rejected()).isEqualTo(noSteps.size());
  }

  @Test
  void aClaimOfOnlyInvalidMessagesIsFollowedByTheNextMessages() {
    Stream.generate(() -> "{}").limit(3).forEach(queue::send);
    var ready = queue.ready(1);
    assertThat(worker.claim(3)).isEqualTo(new StepProtocol.ClaimResult(List.of(), 3));
    assertThat(ids(worker.claim(3).steps())).isEqualTo(ready);
  }

  @Test
  void notificationsOfNewStepsArriveUntilTheSubscriptionIsClosed() throws InterruptedException {
    var noticed = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    try (var subscription = worker.subscribe(noticed::countDown)) {
      assertThat(subscription).isNotNull();
      queue.ready(1);
      assertThat(noticed.await(5, TimeUnit.MINUTES)).isTrue();
    }
    worker.subscribe(closed::countDown).close();
    long before = closed.getCount();
    queue.ready(1);
    assertThat(closed.getCount()).isEqualTo(before);
  }

  private static List<UUID> drain(StepProtocol one) {
    var taken = new ArrayList<UUID>();
    for (var steps = one.claim(7).steps(); !steps.isEmpty(); steps = one.claim(7).steps()) {
      assertThat(one.complete(steps.stream().<Outcome>map(Outcomes::completed).toList())).isEmpty();
      taken.addAll(ids(steps));
    }
    return taken;
  }

  /** A new step that is claimed by {@link #worker}. */
  protected Step claimOne() {
    queue.ready(1);
    return worker.claim(1).steps().getFirst();
  }

  protected static List<UUID> ids(List<Step> steps) {
    return steps.stream().map(step -> step.id().value()).toList();
  }
}
