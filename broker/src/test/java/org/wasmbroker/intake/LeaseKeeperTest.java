package org.wasmbroker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.FakeProtocol;
import org.wasmbroker.testing.FakeReporter;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class LeaseKeeperTest {
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final ManualTime time = new ManualTime();
  private final FakeProtocol protocol = new FakeProtocol(time, LEASE);
  private final FakeReporter reports = new FakeReporter();
  private final RecordedEvents events = new RecordedEvents();
  private final Dispatcher dispatcher =
      new Dispatcher(
          DispatchConfig.DEFAULTS,
          1 << 20,
          ref -> new Resolution.Unknown("unknown"),
          new StepRunner(
              StepAccessFactory.BASIC,
              StepRules.NONE,
              DispatchConfig.DEFAULTS.retryPolicy(),
              time,
              () -> 1,
              events),
          reports,
          time,
          events);
  private final LeaseKeeper keeper = keeper();

  private LeaseKeeper keeper() {
    return new LeaseKeeper(protocol, dispatcher, time, () -> 1, events);
  }

  @AfterEach
  void close() {
    keeper.close();
    dispatcher.close();
  }

  @Test
  void allStepsAreRenewedInOneCallEachThirdOfTheLease() {
    claim(3);

    assertThat(keeper.renewOnce()).isEqualTo(Duration.ofSeconds(10));

    assertThat(protocol.renewals()).isEqualTo(1);
    assertThat(events.recorded).containsExactly("renewed 3");
  }

  @Test
  void aRenewedStepIsNotClaimedByAnotherWorker() {
    claim(1);
    time.advance(Duration.ofSeconds(29));
    keeper.renewOnce();
    time.advance(Duration.ofSeconds(29));

    assertThat(protocol.claim(1).steps()).isEmpty();
  }

  @Test
  void stepsWithUnwrittenOutcomesAreRenewedToo() {
    protocol.enqueue("any");
    var step = protocol.claim(1).steps().getFirst();
    reports.report(
        new Outcome.Completed(step, step.document(), time.now(), Outcomes.receipt("any")));

    keeper.renewOnce();

    assertThat(events.recorded).containsExactly("renewed 1");
  }

  @Test
  void noCallIsMadeWhenNoStepIsHeld() {
    assertThat(keeper.renewOnce()).isEqualTo(Duration.ofSeconds(10));

    assertThat(protocol.renewals()).isZero();
  }

  @Test
  void aLostLeaseStopsItsStep() {
    var steps = claim(2);
    protocol.stealClaim(steps.getFirst());

    keeper.renewOnce();

    assertThat(dispatcher.owned()).containsExactly(steps.getLast());
    assertThat(events.recorded).containsExactly("renewed 1", "lost " + steps.getFirst().id());
  }

  @Test
  void aFailedRenewalIsRetriedBeforeTheNextInterval() {
    claim(1);
    protocol.takeDown();

    assertThat(keeper.renewOnce()).isEqualTo(Duration.ofMillis(500));
    assertThat(keeper.renewOnce()).isEqualTo(Duration.ofSeconds(1));
    assertThat(events.recorded).containsExactly("failed 1", "failed 1");
    protocol.bringUp();
    assertThat(keeper.renewOnce()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void itRenewsPeriodicallyUntilClosed() throws Exception {
    var rounds = new CountDownLatch(3);
    events.onRenewal = rounds::countDown;
    claim(1);
    protocol.renewEvery(Duration.ofMillis(20));
    var quick = keeper();
    quick.start();

    assertThat(rounds.await(5, TimeUnit.MINUTES)).isTrue();
    quick.close();
    quick.close();
  }

  private List<Step> claim(int count) {
    for (int i = 0; i < count; i++) {
      protocol.enqueue("any");
    }
    var steps = protocol.claim(count).steps();
    dispatcher.accept(steps);
    return steps;
  }

  private static final class RecordedEvents implements EventSink {
    final ConcurrentLinkedQueue<String> recorded = new ConcurrentLinkedQueue<>();
    volatile Runnable onRenewal = () -> {};

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof IntakeEvent.LeasesExtended(int steps, _)) {
        recorded.add("renewed " + steps);
        onRenewal.run();
      } else if (event instanceof IntakeEvent.LeaseExtensionFailed(int steps, _)) {
        recorded.add("failed " + steps);
      } else if (event instanceof StepEvent.LeaseLost(Step step)) {
        recorded.add("lost " + step.id());
      }
    }
  }
}
