package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.Outcomes;

/**
 * The contract of a {@link StepProtocol} whose messages are the steps themselves and whose claims
 * are leases, in addition to that of all protocols.
 */
public abstract class LeaseContract extends StepProtocolContract<LeasedStepQueue> {
  @Test
  void anOutcomeAfterLeaseExpiryCountsUnlessTheStepWasClaimedAgain() {
    var step = claimOne();
    queue.expireLeasesAndDelays();
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).isEmpty();
    assertThat(queue.ended()).hasSize(1);
  }

  @Test
  void theOutcomeOfALostClaimIsDroppedAndThatOfANewClaimIsWritten() {
    var ready = queue.ready(2);
    var steps = worker.claim(2).steps();
    queue.expireLeasesAndDelays();
    var taken = other.claim(1).steps().getFirst();
    var kept = worker.claim(1).steps().getFirst();
    var lost = worker.complete(List.of(Outcomes.completed(steps.get(0)), Outcomes.completed(kept)));
    assertThat(lost).containsExactly(steps.get(0).claim());
    assertThat(ids(List.of(taken, kept))).isEqualTo(ready);
    assertThat(queue.ended()).containsExactly(kept.id() + " completed");
    assertThat(other.complete(List.of(Outcomes.completed(taken)))).isEmpty();
    assertThat(queue.ended()).contains(taken.id() + " completed");
  }

  @Test
  void aRenewedStepIsNotVisibleToOthers() {
    var step = claimOne();
    queue.expireLeasesAndDelays();
    assertThat(worker.renew(List.of(step))).isEmpty();
    assertThat(other.claim(1).steps()).isEmpty();
  }

  @Test
  void renewingProtectsTheClaimsThatWereNotLost() {
    queue.ready(2);
    var steps = worker.claim(2).steps();
    queue.expireLeasesAndDelays();
    other.claim(1);
    assertThat(worker.renew(steps)).containsExactly(steps.getFirst().claim());
    assertThat(other.claim(1).steps()).isEmpty();
  }

  @Test
  void claimsThatExpireDoNotCountAsAttempts() {
    var step = claimOne();
    queue.expireLeasesAndDelays();
    var again = other.claim(1).steps().getFirst();
    assertThat(again.attempt()).isEqualTo(step.attempt());
  }

  @Test
  void aPermanentFailureIsNotDeadLettered() {
    worker.complete(List.of(Outcomes.failed(claimOne())));
    assertThat(queue.deadLetters()).isEmpty();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void exhaustedAttemptsLeaveAResultAndADeadLetter() {
    var step = claimOne();
    assertThat(worker.complete(List.of(Outcomes.exhausted(step)))).isEmpty();
    assertThat(queue.ended()).containsExactly(step.id() + " failed");
    assertThat(queue.deadLetters()).containsExactly("exhausted");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void onlyExhaustedStepsOfAMixedBatchAreDeadLettered() {
    queue.ready(4);
    var steps = worker.claim(4).steps();
    worker.complete(
        List.of(
            Outcomes.completed(steps.get(0)),
            Outcomes.failed(steps.get(1)),
            Outcomes.exhausted(steps.get(2)),
            Outcomes.retry(steps.get(3), Duration.ZERO)));
    assertThat(queue.deadLetters()).containsExactly("exhausted");
    assertThat(queue.queued()).isEqualTo(1);
  }

  @Test
  void invalidMessagesAreDeadLettered() {
    queue.send("\"this is not a step\"");
    queue.send("{\"handler\":\"echo\"}");
    queue.send("{\"step_uuid\":\"%s\",\"handler\":17}".formatted(UUID.randomUUID()));
    assertThat(worker.claim(10).steps()).isEmpty();
    assertThat(queue.deadLetters()).containsExactly("invalid", "invalid", "invalid");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aStepCarriesTheFieldsOfItsMessage() {
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
  void aStepWithoutANameIsNamedAfterItsHandler() {
    assertThat(claimOne().name()).isEqualTo("echo");
  }
}
