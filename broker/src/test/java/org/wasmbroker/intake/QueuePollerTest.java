package org.wasmbroker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.testing.FakeProtocol;
import org.wasmbroker.testing.FakeReporter;
import org.wasmbroker.testing.ManualTime;

class QueuePollerTest {
  private final ManualTime time = new ManualTime();
  private final FakeProtocol protocol = new FakeProtocol(time, Duration.ofSeconds(30));
  private final FakeReporter reports = new FakeReporter();
  private final RecordedEvents events = new RecordedEvents();
  private final Dispatcher dispatcher =
      new Dispatcher(
          new DispatchConfig(
              4,
              DispatchConfig.DEFAULTS.memoryBytes(),
              Duration.ofMillis(50),
              0,
              Duration.ZERO,
              Duration.ofSeconds(1),
              Duration.ofSeconds(2),
              Duration.ofSeconds(3),
              Duration.ofMinutes(1)),
          1 << 20,
          ref -> new Resolution.Unknown("unknown"),
          new StepRunner(
              StepAccessFactory.BASIC,
              StepRules.NONE,
              DispatchConfig.DEFAULTS.retryPolicy(),
              time,
              () -> 1,
              EventSink.NONE),
          reports,
          time,
          EventSink.NONE);
  private final QueuePoller poller =
      new QueuePoller(
          new IntakeConfig(Duration.ofMillis(100)), protocol, dispatcher, time, () -> 1, events);

  @AfterEach
  void close() {
    poller.close();
    dispatcher.close();
  }

  @Test
  void oneClaimAsksForTheFullCapacity() {
    enqueue(10);

    assertThat(poller.pollOnce()).isZero();

    assertThat(protocol.claimSizes()).containsExactly(4);
    assertThat(dispatcher.waiting()).isEqualTo(4);
    assertThat(events.recorded).containsExactly("claimed 4 of 4");
  }

  @Test
  void nothingIsClaimedWithoutCapacity() {
    enqueue(10);
    poller.pollOnce();

    assertThat(poller.pollOnce()).isPositive();
    assertThat(protocol.claimSizes()).hasSize(1);
  }

  @Test
  void aShortReadIsFollowedByQuickPollsAndThenByIncreasinglySlowOnes() {
    enqueue(2);

    for (int poll = 0; poll <= 5; poll++) {
      assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(10));
    }
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(20));
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(40));
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(80));
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(100));
    enqueue(1);
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void aFullReadOfInvalidMessagesCountsAsFull() {
    for (int i = 0; i < 5; i++) {
      protocol.send("{}");
    }

    assertThat(poller.pollOnce()).isZero();
    assertThat(dispatcher.waiting()).isZero();
  }

  @Test
  void anUnreachableDatabaseIsRetriedWithBackoff() {
    protocol.takeDown();
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(100));
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(200));
    assertThat(events.recorded).containsExactly("failed PT0.1S", "failed PT0.2S");

    protocol.bringUp();
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(10));
    protocol.takeDown();
    assertThat(poller.pollOnce()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void stepsClaimedDuringTheDrainAreReleased() {
    enqueue(3);
    events.onClaim = () -> dispatcher.drain(Duration.ZERO);

    poller.pollOnce();

    assertThat(reports.released()).hasSize(3);
  }

  @Test
  void claimedStepsAreHandedOverAlthoughTheClaimCannotBeRecorded() {
    enqueue(3);
    events.onClaim =
        () -> {
          throw new IllegalStateException("broken");
        };

    poller.pollOnce();

    assertThat(dispatcher.waiting()).isEqualTo(3);
  }

  @Test
  void aNotificationEndsTheWait() throws Exception {
    var slow =
        new QueuePoller(
            new IntakeConfig(Duration.ofMinutes(1)), protocol, dispatcher, time, () -> 1, events);
    var idle = new CountDownLatch(7); // by then it waits for most of a second and longer
    events.onClaim = idle::countDown;
    dispatcher.start();
    slow.start();
    assertThat(idle.await(5, TimeUnit.MINUTES)).isTrue();
    var step = protocol.enqueue("any");

    assertThat(reports.nextOutcome().step().id()).isEqualTo(step);
    slow.close();
    assertThat(protocol.listeners()).isZero();
  }

  @Test
  void freedCapacityEndsTheWait() {
    dispatcher.start();
    poller.start();
    enqueue(100);

    for (int i = 0; i < 100; i++) {
      reports.nextOutcome();
    }
    poller.close();
    assertThat(protocol.claimSizes()).allMatch(size -> size <= 4);
  }

  @Test
  void closingDoesNotWaitForAClaimThatHangs() throws Exception {
    var claiming = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    events.onClaim =
        () -> {
          claiming.countDown();
          awaitQuietly(gate);
        };
    enqueue(1);
    poller.start();
    assertThat(claiming.await(5, TimeUnit.MINUTES)).isTrue();

    poller.close(); // returns while the claim is still in progress
    dispatcher.drain(Duration.ZERO);
    gate.countDown();

    reports.nextReleased();
  }

  @Test
  void closingBeforeStartAndTwiceIsAllowed() {
    poller.close();
    poller.close();
  }

  private void enqueue(int count) {
    for (int i = 0; i < count; i++) {
      protocol.enqueue("any");
    }
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  private static final class RecordedEvents implements EventSink {
    final ConcurrentLinkedQueue<String> recorded = new ConcurrentLinkedQueue<>();
    volatile Runnable onClaim = () -> {};

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof IntakeEvent.Claimed(int steps, int capacity, _)) {
        recorded.add("claimed " + steps + " of " + capacity);
        onClaim.run();
      } else if (event instanceof IntakeEvent.ClaimFailed(_, Duration delay)) {
        recorded.add("failed " + delay);
      }
    }
  }
}
