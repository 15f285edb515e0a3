package org.wasmbroker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.Await;

class ServiceThreadTest {
  private static final String NAME = "under-test";

  private final LinkedBlockingQueue<Integer> runs = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<String> gate = new LinkedBlockingQueue<>();
  private @Nullable ServiceThread thread;

  @AfterEach
  void end() {
    if (thread != null) {
      thread.stop();
      gate.offer("end");
      thread.joinUninterruptibly();
      assertThat(problems()).isNull();
    }
  }

  @Test
  void whateverTheBodyThrowsItIsResumed() throws Exception {
    for (var failure :
        new Throwable[] {
          new IllegalStateException(),
          new StackOverflowError(),
          new OutOfMemoryError("of the test"),
          new Exception("checked")
        }) {
      long before = ServiceThread.failures();
      start(
          run -> {
            if (run == 1) {
              throw sneaky(failure);
            }
          });

      assertThat(nextRun()).isEqualTo(1);
      assertThat(nextRun()).isEqualTo(2);
      assertThat(ServiceThread.failures()).isGreaterThan(before);
      end();
    }
  }

  @Test
  void aBodyThatEndsWithoutBeingStoppedIsResumed() throws Exception {
    start(run -> {});

    assertThat(nextRun()).isEqualTo(1);
    assertThat(nextRun()).isEqualTo(2);
  }

  @Test
  void anInterruptDoesNotEndTheThread() throws Exception {
    start(run -> Thread.currentThread().interrupt());

    assertThat(nextRun()).isEqualTo(1);
    assertThat(nextRun()).isEqualTo(2);
  }

  @Test
  void aThreadThatFailedIsAProblemUntilItsBodyRunsAgain() throws Exception {
    var seen = new AtomicBoolean();
    var works = new CountDownLatch(1);
    start(
        run -> {
          if (!seen.get()) {
            throw new IllegalStateException();
          }
          works.countDown();
          gate.take();
        });

    assertThat(Await.value("a problem", () -> Optional.ofNullable(problems())))
        .isEqualTo("the thread under-test failed (IllegalStateException)");
    seen.set(true);
    assertThat(works.await(2, TimeUnit.MINUTES)).isTrue();
    assertThat(problems()).isNull();
  }

  @Test
  void aStoppedThreadEndsAndIsForgotten() {
    var stopped = start(run -> {});
    assertThat(ServiceThread.count()).isPositive();

    stopped.stop();
    stopped.joinUninterruptibly();

    assertThat(problems()).as("one that is known and has ended is dead").isNull();
    thread = null;
  }

  @FunctionalInterface
  private interface Body {
    void run(int run) throws Exception;
  }

  private ServiceThread start(Body body) {
    var count = new AtomicInteger();
    var started =
        new ServiceThread(
            NAME,
            () -> {
              int run = count.incrementAndGet();
              runs.add(run);
              try {
                body.run(run);
              } catch (Exception failure) {
                throw ServiceThreadTest.<RuntimeException>sneaky(failure);
              }
            });
    thread = started;
    runs.clear();
    started.start();
    return started;
  }

  private @Nullable Integer nextRun() throws InterruptedException {
    return runs.poll(2, TimeUnit.MINUTES);
  }

  private static @Nullable String problems() {
    return ServiceThread.problems().stream()
        .filter(problem -> problem.contains(NAME))
        .findFirst()
        .orElse(null);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T sneaky(Throwable failure) throws T {
    throw (T) failure;
  }
}
