package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HoldsTest {
  private final AtomicInteger freed = new AtomicInteger();
  private final Holds holds = new Holds("module x", freed::incrementAndGet);

  @Test
  void freesAtOnceWhatIsClosedAndNotHeld() {
    holds.close();

    assertThat(freed).hasValue(1);
  }

  @Test
  void freesWhatIsClosedOnceTheLastHasEnded() {
    assertThat(holds.take()).isTrue();
    holds.require();
    holds.close();
    holds.release();
    assertThat(freed).hasValue(0);

    holds.release();

    assertThat(freed).hasValue(1);
  }

  @Test
  void mayBeTakenAfterItIsClosedAsLongAsSomebodyHoldsIt() {
    holds.require();
    holds.close();

    assertThat(holds.take()).isTrue();
    holds.release();
    assertThat(freed).hasValue(0);
    holds.release();
    assertThat(freed).hasValue(1);
  }

  @Test
  void isNotTakenOnceItIsFreed() {
    holds.close();

    assertThat(holds.take()).isFalse();
    assertThatIllegalStateException().isThrownBy(holds::require).withMessage("module x is closed");
  }

  @Test
  void closesOnce() {
    holds.require();
    holds.close();
    holds.close();
    assertThat(freed).hasValue(0);

    holds.release();

    assertThat(freed).hasValue(1);
  }

  @Test
  void freesOnceAndNeverBelowAUser() throws Exception {
    var usedFreed = new AtomicBoolean();
    var begin = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(4)) {
      var users = new ArrayList<Future<?>>();
      for (int i = 0; i < 4; i++) {
        users.add(
            threads.submit(
                () -> {
                  begin.await();
                  while (holds.take()) {
                    usedFreed.compareAndSet(false, freed.get() > 0);
                    holds.release();
                  }
                  return null;
                }));
      }
      begin.countDown();
      holds.close();
      for (var user : users) {
        user.get();
      }
    }

    assertThat(usedFreed).isFalse();
    assertThat(freed).hasValue(1);
  }
}
