package org.wasmbroker.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.protocol.LeaseContract;
import org.wasmbroker.protocol.LeasedStepQueue;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

class FakeProtocolTest extends LeaseContract {
  @Override
  protected LeasedStepQueue queue() {
    return new FakeQueue();
  }

  @Test
  void everyCallFailsWhileTheDatabaseIsDown() {
    var protocol = new FakeProtocol();
    protocol.takeDown();
    assertThatThrownBy(() -> protocol.claim(1)).isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> protocol.complete(List.of())).isInstanceOf(ProtocolException.class);
    protocol.bringUp();
    protocol.claim(1);
  }

  private static final class FakeQueue implements LeasedStepQueue {
    private volatile Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final FakeProtocol protocol = new FakeProtocol(() -> now, Duration.ofSeconds(30));

    @Override
    public StepProtocol connect() {
      return protocol;
    }

    @Override
    public void send(String message) {
      protocol.send(message);
    }

    @Override
    public Step takeOver(Step held, StepProtocol by) {
      protocol.expireLease(held);
      return by.claim(1).steps().getFirst();
    }

    @Override
    public void expireLeasesAndDelays() {
      now = now.plus(Duration.ofDays(1));
    }

    @Override
    public List<String> ended() {
      return protocol.outcomes().stream()
          .filter(outcome -> !(outcome instanceof Outcome.Retry))
          .map(
              outcome ->
                  outcome.step().id()
                      + (outcome instanceof Outcome.Completed ? " completed" : " failed"))
          .toList();
    }

    @Override
    public List<String> deadLetters() {
      return protocol.deadLetters().stream().map(FakeProtocol.DeadLetter::reason).toList();
    }

    @Override
    public int queued() {
      return protocol.queued();
    }
  }
}
