package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/** What every {@link StepProtocol} does, the real one on a real Postgres and the fake alike. */
public abstract class StepProtocolContract {
  /** A queue as its other users see it. */
  protected interface Harness {
    /** One more worker on the queue, prepared. */
    StepProtocol connect();

    void send(String message);

    /** Time passes: every lease ends, every delay is over. */
    void everythingBecomesVisible();

    /** The results, as {@code <step> <status>}. */
    List<String> results();

    /** The reasons of the dead letters. */
    List<String> deadLetters();

    /** How many messages are in the queue, visible or not. */
    int queued();
  }

  private Harness queue;
  private StepProtocol worker;
  private StepProtocol other;

  /** A queue with nothing in it. */
  protected abstract Harness harness();

  @BeforeEach
  void connect() {
    queue = harness();
    worker = queue.connect();
    other = queue.connect();
  }

  @AfterEach
  void close() {
    worker.close();
    other.close();
  }

  @Test
  void aClaimTakesAtMostWhatWasAskedTheOldestFirst() {
    var sent = send(5);
    var first = worker.claim(3);
    var second = other.claim(3);
    assertThat(ids(first.steps())).isEqualTo(sent.subList(0, 3));
    assertThat(first.read()).isEqualTo(3);
    assertThat(ids(second.steps())).isEqualTo(sent.subList(3, 5));
    assertThat(worker.claim(3).steps()).isEmpty();
  }

  @Test
  void aClaimForNothingIsRefused() {
    assertThatThrownBy(() -> worker.claim(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void eightWorkersNeverClaimAStepTwice() throws Exception {
    var sent = send(2000);
    var claimed = new ArrayList<UUID>();
    try (var threads = Executors.newFixedThreadPool(8)) {
      var running = new ArrayList<java.util.concurrent.Future<List<UUID>>>();
      for (int i = 0; i < 8; i++) {
        var one = i % 2 == 0 ? worker : other;
        running.add(threads.submit(() -> drain(one)));
      }
      for (var run : running) {
        claimed.addAll(run.get());
      }
    }
    assertThat(claimed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(sent);
    assertThat(queue.results()).hasSize(2000).doesNotHaveDuplicates();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aCompletedStepLeavesOneResultAndNoMessage() {
    var step = claimOne();
    assertThat(worker.complete(List.of(completed(step)))).isEmpty();
    assertThat(queue.results()).containsExactly(step.id() + " completed");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void completingTwiceChangesNothingAndNamesNoLoss() {
    var step = claimOne();
    worker.complete(List.of(completed(step)));
    assertThat(worker.complete(List.of(completed(step)))).isEmpty();
    assertThat(queue.results()).hasSize(1);
  }

  @Test
  void anOutcomeTwiceInOneBatchIsWrittenOnce() {
    var step = claimOne();
    assertThat(worker.complete(List.of(completed(step), completed(step)))).isEmpty();
    assertThat(queue.results()).hasSize(1);
  }

  @Test
  void theOutcomeOfALostClaimIsDroppedAndNamedAndTheOthersAreWritten() {
    send(2);
    var steps = worker.claim(2).steps();
    assertThat(worker.complete(List.of(completed(steps.get(1))))).isEmpty();
    send(1);
    queue.everythingBecomesVisible();
    var taken = other.claim(1).steps().getFirst();
    var kept = worker.claim(1).steps().getFirst();
    var lost = worker.complete(List.of(completed(steps.get(0)), completed(kept)));
    assertThat(lost).containsExactly(steps.get(0).claim());
    assertThat(taken.id()).isEqualTo(steps.get(0).id());
    assertThat(queue.results()).hasSize(2).doesNotContain(taken.id() + " completed");
    assertThat(other.complete(List.of(completed(taken)))).isEmpty();
    assertThat(queue.results()).contains(taken.id() + " completed");
  }

  @Test
  void aRetryOfALostClaimIsDroppedAndNamed() {
    var step = claimOne();
    queue.everythingBecomesVisible();
    other.claim(1);
    assertThat(worker.complete(List.of(retry(step, Duration.ZERO)))).containsExactly(step.claim());
    assertThat(worker.claim(1).steps()).isEmpty();
  }

  @Test
  void anOutcomeAfterTheEndOfTheLeaseCountsWhileNobodyElseTookTheStep() {
    var step = claimOne();
    queue.everythingBecomesVisible();
    assertThat(worker.complete(List.of(completed(step)))).isEmpty();
    assertThat(queue.results()).hasSize(1);
  }

  @Test
  void renewingKeepsAStepFromOthers() {
    var step = claimOne();
    queue.everythingBecomesVisible();
    assertThat(worker.renew(List.of(step))).isEmpty();
    assertThat(other.claim(1).steps()).isEmpty();
  }

  @Test
  void renewingNamesTheClaimsThatWereLostAndKeepsTheOthers() {
    send(2);
    var steps = worker.claim(2).steps();
    queue.everythingBecomesVisible();
    other.claim(1);
    assertThat(worker.renew(steps)).containsExactly(steps.getFirst().claim());
    assertThat(other.claim(1).steps()).isEmpty();
  }

  @Test
  void renewingAStepThatHasEndedNamesItsClaim() {
    var step = claimOne();
    worker.complete(List.of(completed(step)));
    assertThat(worker.renew(List.of(step))).containsExactly(step.claim());
  }

  @Test
  void aStepGivenBackIsReadyAtOnceAndItsAttemptDoesNotCount() {
    var step = claimOne();
    worker.giveBack(List.of(step));
    var again = other.claim(1).steps().getFirst();
    assertThat(again.id()).isEqualTo(step.id());
    assertThat(again.attempt()).isEqualTo(step.attempt());
    assertThat(again.claim()).isNotEqualTo(step.claim());
  }

  @Test
  void aStepGivenBackIsItsFormerOwnersNoMore() {
    var step = claimOne();
    worker.giveBack(List.of(step));
    worker.renew(List.of(step));
    assertThat(worker.complete(List.of(completed(step)))).containsExactly(step.claim());
    assertThat(queue.results()).isEmpty();
    assertThat(other.claim(1).steps()).hasSize(1);
  }

  @Test
  void givingBackALostStepDoesNothing() {
    var step = claimOne();
    queue.everythingBecomesVisible();
    var taken = other.claim(1).steps().getFirst();
    worker.giveBack(List.of(step));
    assertThat(worker.claim(1).steps()).isEmpty();
    assertThat(other.complete(List.of(completed(taken)))).isEmpty();
  }

  @Test
  void aRetryIsTheNextAttemptAfterItsDelay() {
    var step = claimOne();
    assertThat(worker.complete(List.of(retry(step, Duration.ofHours(1))))).isEmpty();
    assertThat(other.claim(1).steps()).isEmpty();
    queue.everythingBecomesVisible();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.id()).isEqualTo(step.id());
    assertThat(step.attempt().number()).isEqualTo(1);
    assertThat(again.attempt().number()).isEqualTo(2);
    assertThat(queue.results()).isEmpty();
  }

  @Test
  void aRetryWrittenTwiceCountsOnce() {
    var step = claimOne();
    worker.complete(List.of(retry(step, Duration.ofHours(1))));
    assertThat(worker.complete(List.of(retry(step, Duration.ofHours(1))))).isEmpty();
    queue.everythingBecomesVisible();
    assertThat(other.claim(1).steps().getFirst().attempt().number()).isEqualTo(2);
  }

  @Test
  void aRenewalThatComesAfterARetryDoesNotHideTheStep() {
    var step = claimOne();
    worker.complete(List.of(retry(step, Duration.ZERO)));
    worker.renew(List.of(step));
    assertThat(other.claim(1).steps()).hasSize(1);
  }

  @Test
  void claimsThatEndWithNoWordAreNoAttempts() {
    var step = claimOne();
    queue.everythingBecomesVisible();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.attempt()).isEqualTo(step.attempt());
  }

  @Test
  void aPermanentFailureIsAResultAndNoDeadLetter() {
    var step = claimOne();
    var error = StepError.permanent("bad_input", "the input is bad");
    assertThat(worker.complete(List.of(failed(step, error, false)))).isEmpty();
    assertThat(queue.results()).containsExactly(step.id() + " failed");
    assertThat(queue.deadLetters()).isEmpty();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void exhaustedAttemptsAreAResultAndADeadLetter() {
    var step = claimOne();
    var error = StepError.retryable("busy", "try again");
    assertThat(worker.complete(List.of(failed(step, error, true)))).isEmpty();
    assertThat(queue.results()).containsExactly(step.id() + " failed");
    assertThat(queue.deadLetters()).containsExactly("exhausted");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void oneBatchMayHaveEveryKindOfOutcome() {
    var sent = send(4);
    var steps = worker.claim(4).steps();
    var error = StepError.retryable("busy", "try again");
    var lost =
        worker.complete(
            List.of(
                completed(steps.get(0)),
                failed(steps.get(1), error, false),
                failed(steps.get(2), error, true),
                retry(steps.get(3), Duration.ZERO)));
    assertThat(lost).isEmpty();
    assertThat(queue.results())
        .containsExactlyInAnyOrder(
            sent.get(0) + " completed", sent.get(1) + " failed", sent.get(2) + " failed");
    assertThat(queue.deadLetters()).containsExactly("exhausted");
    assertThat(ids(other.claim(9).steps())).containsExactly(sent.get(3));
  }

  @Test
  void messagesThatAreNoStepsGoToTheDeadLettersAndStopNobody() {
    var before = send(1);
    queue.send("\"this is no step\"");
    queue.send("{\"handler\":\"echo\"}");
    queue.send("{\"step_uuid\":\"not-one\",\"handler\":\"echo\"}");
    var after = send(1);
    var claimed = worker.claim(10);
    assertThat(claimed.read()).isEqualTo(5);
    assertThat(ids(claimed.steps())).containsExactly(before.getFirst(), after.getFirst());
    assertThat(queue.deadLetters()).containsExactly("invalid", "invalid", "invalid");
    assertThat(queue.queued()).isEqualTo(2);
    assertThat(queue.results()).isEmpty();
  }

  @Test
  void aStepSaysWhatItsMessageSays() {
    var id = UUID.randomUUID();
    var task = UUID.randomUUID();
    var correlation = UUID.randomUUID();
    queue.send(
        """
        {"step_uuid":"%s","task_uuid":"%s","correlation_id":"%s","name":"first","handler":"echo",
         "version":"1.2","max_attempts":7,"timeout_ms":1500}"""
            .formatted(id, task, correlation));
    var step = worker.claim(1).steps().getFirst();
    assertThat(step.id().value()).isEqualTo(id);
    assertThat(step.ids().task()).isEqualTo(task);
    assertThat(step.ids().correlation()).isEqualTo(correlation);
    assertThat(step.name()).isEqualTo("first");
    assertThat(step.handler()).hasToString("echo@1.2");
    assertThat(step.attempt().max()).isEqualTo(7);
    assertThat(step.timeout()).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void aStepWithoutANameHasItsHandlers() {
    assertThat(claimOne().name()).isEqualTo("echo");
  }

  @Test
  void noticesOfNewStepsComeUntilTheSubscriptionIsClosed() throws InterruptedException {
    var noticed = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    try (var subscription = worker.onArrival(noticed::countDown)) {
      assertThat(subscription).isNotNull();
      send(1);
      assertThat(noticed.await(10, TimeUnit.SECONDS)).isTrue();
    }
    worker.onArrival(closed::countDown).close();
    long before = closed.getCount();
    send(1);
    assertThat(closed.getCount()).isEqualTo(before);
  }

  private List<UUID> drain(StepProtocol one) {
    var taken = new ArrayList<UUID>();
    for (var steps = one.claim(7).steps(); !steps.isEmpty(); steps = one.claim(7).steps()) {
      var lost = one.complete(steps.stream().<Outcome>map(this::completed).toList());
      assertThat(lost).isEmpty();
      taken.addAll(ids(steps));
    }
    return taken;
  }

  private Step claimOne() {
    send(1);
    return worker.claim(1).steps().getFirst();
  }

  private List<UUID> send(int steps) {
    var sent = new ArrayList<UUID>();
    for (int i = 0; i < steps; i++) {
      var id = UUID.randomUUID();
      queue.send(
          "{\"step_uuid\":\"%s\",\"handler\":\"echo\",\"input\":{\"n\":%d}}".formatted(id, i));
      sent.add(id);
    }
    assertThat(new HashSet<>(sent)).hasSize(steps);
    return sent;
  }

  private static List<UUID> ids(List<Step> steps) {
    return steps.stream().map(step -> step.id().value()).toList();
  }

  /** The step ended well, with a small result. */
  protected Outcome completed(Step step) {
    return new Outcome.Completed(
        step,
        Document.of("{\"ok\":true}"),
        Instant.parse("2026-01-02T03:04:05Z"),
        Receipt.none(Duration.ZERO));
  }

  /** The step failed for good. */
  protected Outcome failed(Step step, StepError error, boolean exhausted) {
    return new Outcome.Failed(
        step, error, exhausted, Instant.parse("2026-01-02T03:04:05Z"), Receipt.none(Duration.ZERO));
  }

  /** The step is to be tried again. */
  protected Outcome retry(Step step, Duration delay) {
    return new Outcome.Retry(
        step,
        StepError.retryable("busy", "try again"),
        delay,
        Instant.parse("2026-01-02T03:04:05Z"),
        Receipt.none(Duration.ZERO));
  }
}
