package org.wasmbroker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskLoopTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final LinkedBlockingQueue<String> runs = new LinkedBlockingQueue<>();
  private @Nullable TaskLoop loop;

  @AfterEach
  void close() {
    if (loop != null) {
      loop.close();
    }
  }

  @Test
  void theTaskIsRepeatedAfterTheDelayThatItReturns() throws Exception {
    started(new TaskLoop("loop", () -> run(Duration.ofMillis(1))));

    for (int i = 0; i < 3; i++) {
      assertThat(nextRun()).isEqualTo("loop");
    }
  }

  @Test
  void wakingEndsTheDelay() throws Exception {
    var woken = started(new TaskLoop("loop", LONG, () -> run(LONG)));

    for (int i = 0; i < 3; i++) {
      woken.wake();
      assertThat(nextRun()).isEqualTo("loop");
    }
  }

  @Test
  void wakingDuringARunIsNotMissed() throws Exception {
    var gate = new CountDownLatch(1);
    var woken = started(new TaskLoop("loop", () -> runUntilOpen(gate)));
    nextRun();
    woken.wake();
    woken.wake();
    gate.countDown();

    assertThat(nextRun()).isEqualTo("loop");
    woken.close();
    assertThat(runs).isEmpty();
  }

  @Test
  void closingEndsTheDelayAndWaitsForTheRunInProgress() throws Exception {
    var closed = started(new TaskLoop("loop", () -> run(LONG)));
    nextRun();
    closed.close();

    assertThat(closed.isStopped()).isTrue();
    assertThat(runs).isEmpty();
  }

  @Test
  void closingWithATimeoutReportsARunThatDoesNotEnd() throws Exception {
    var gate = new CountDownLatch(1);
    var stuck = started(new TaskLoop("loop", () -> runUntilOpen(gate)));
    nextRun();

    assertThat(stuck.close(Duration.ofMillis(1))).isFalse();
    gate.countDown();
    assertThat(stuck.close(LONG)).isTrue();
  }

  @Test
  void closingFromTheTaskItselfDoesNotWaitForIt() throws Exception {
    var ended = new CountDownLatch(1);
    var itself = new TaskLoop[1];
    itself[0] =
        new TaskLoop(
            "loop",
            () -> {
              itself[0].close();
              ended.countDown();
              return LONG;
            });
    started(itself[0]);

    assertThat(ended.await(5, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void anUnexpectedFailureDoesNotEndTheLoop() throws Exception {
    var failing =
        started(
            new TaskLoop(
                "loop",
                () -> {
                  run(LONG);
                  throw new AssertionError("as the test wants it");
                }));
    nextRun();
    failing.wake();

    assertThat(nextRun()).isEqualTo("loop");
  }

  @Test
  void anInterruptThatATaskLeavesBehindDoesNotEndTheLoop() throws Exception {
    started(
        new TaskLoop(
            "loop",
            () -> {
              Thread.currentThread().interrupt();
              return run(Duration.ofMillis(1));
            }));

    for (int i = 0; i < 3; i++) {
      assertThat(nextRun()).isEqualTo("loop");
    }
  }

  @Test
  void itIsStartedOnceAndNotAfterItsEnd() {
    var once = started(new TaskLoop("loop", LONG, () -> LONG));

    assertThatThrownBy(once::start).isInstanceOf(IllegalStateException.class);
    var never = new TaskLoop("loop", () -> LONG);
    never.close();
    assertThatThrownBy(never::start).isInstanceOf(IllegalStateException.class);
    assertThat(never.isStarted()).isFalse();
  }

  private TaskLoop started(TaskLoop one) {
    loop = one;
    one.start();
    return one;
  }

  private Duration run(Duration delay) {
    runs.add(Thread.currentThread().getName());
    return delay;
  }

  private Duration runUntilOpen(CountDownLatch gate) {
    run(LONG);
    awaitQuietly(gate);
    return LONG;
  }

  private @Nullable String nextRun() throws InterruptedException {
    return runs.poll(5, TimeUnit.MINUTES);
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
