package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.Digest;

/** Code is compiled once for all that use it, and freed by the last of them. */
class SharedCodeTest {
  private static final Digest DIGEST = Digest.of(new byte[] {1});
  private static final Compiled CODE = new Compiled(7, Duration.ofSeconds(1), 100);

  private final SharedCode code = new SharedCode();

  @Test
  void whoComesLaterGetsTheSameCodeAndCompilesNothing() {
    assertThat(code.acquire(DIGEST, () -> CODE)).isEqualTo(CODE);

    var later = code.acquire(DIGEST, SharedCodeTest::unexpected);

    assertThat(later.module()).isEqualTo(CODE.module());
    assertThat(later.took()).isNull();
    assertThat(code.users(DIGEST)).isEqualTo(2);
  }

  @Test
  void theLastOneFreesIt() {
    code.acquire(DIGEST, () -> CODE);
    code.acquire(DIGEST, SharedCodeTest::unexpected);

    assertThat(code.release(DIGEST)).isFalse();
    assertThat(code.release(DIGEST)).isTrue();
    assertThat(code.acquire(DIGEST, () -> CODE).took()).as("compiled anew").isNotNull();
  }

  @Test
  void whoWaitedForACompilationThatFailsCompilesItself() throws Exception {
    var begun = new CountDownLatch(1);
    var fails = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          threads.submit(
              () ->
                  code.acquire(
                      DIGEST,
                      () -> {
                        begun.countDown();
                        await(fails);
                        throw new IllegalStateException("interrupted");
                      }));
      await(begun);
      var second = threads.submit(() -> code.acquire(DIGEST, () -> CODE));
      fails.countDown();

      assertThatThrownBy(first::get).hasMessageContaining("interrupted");
      assertThat(second.get()).isEqualTo(CODE);
      assertThat(code.users(DIGEST)).isEqualTo(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private static Compiled unexpected() {
    throw new AssertionError("compiled a second time");
  }
}
