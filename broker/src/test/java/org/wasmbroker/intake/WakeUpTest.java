package org.wasmbroker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WakeUpTest {
  private final WakeUp wakeUp = new WakeUp();

  @Test
  void aSignalBeforeTheWaitIsNotMissed() throws Exception {
    wakeUp.signal();

    assertThat(wakeUp.await(Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void manySignalsCountAsOne() throws Exception {
    wakeUp.signal();
    wakeUp.signal();

    assertThat(wakeUp.await(Duration.ofMinutes(1))).isTrue();
    assertThat(wakeUp.await(Duration.ofNanos(1))).isFalse();
  }

  @Test
  void aSignalEndsTheWait() throws Exception {
    var signaller = Thread.ofPlatform().start(wakeUp::signal);

    assertThat(wakeUp.await(Duration.ofMinutes(1))).isTrue();
    signaller.join();
  }
}
