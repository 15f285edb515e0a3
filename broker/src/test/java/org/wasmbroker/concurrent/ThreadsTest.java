package org.wasmbroker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  @Test
  void anInterruptDoesNotEndAnUninterruptibleJoinAndIsKept() {
    var caller = Thread.currentThread();
    var thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (caller.isInterrupted() || caller.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                  }
                });
    caller.interrupt();

    Threads.joinUninterruptibly(thread);

    assertThat(thread.isAlive()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptEndsAJoinWithATimeoutAndIsKept() {
    var gate = new CountDownLatch(1);
    var thread = Thread.ofPlatform().start(() -> awaitQuietly(gate));
    Thread.currentThread().interrupt();

    assertThat(Threads.join(thread, Duration.ofHours(1))).isFalse();

    assertThat(Thread.interrupted()).isTrue();
    gate.countDown();
    assertThat(Threads.join(thread, Duration.ofHours(1))).isTrue();
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
