package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleSlotsTest {
  private final IdleSlots slots = new IdleSlots(3);

  @Test
  void aSlotWithoutAThreadIsTakenOnlyWhenNoThreadWaits() {
    assertThat(slots.take()).isZero();
    assertThat(slots.takeUnstarted()).isZero();
    slots.add(0);

    assertThat(slots.take()).isZero();
    assertThat(slots.hasUnstarted()).isFalse();
    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.takeUnstarted()).isEqualTo(1);
    assertThat(slots.isEmpty()).isFalse();
    slots.limitToStarted();
    assertThat(slots.isEmpty()).isTrue();
  }

  @Test
  void theThreadThatWaitsLastIsTakenFirstAndEachOnce() {
    for (int slot = 0; slot < 3; slot++) {
      assertThat(slots.take()).isEqualTo(slot);
    }
    assertThat(slots.isEmpty()).isTrue();
    slots.add(2);
    slots.add(0);
    slots.add(2); // it looked for a step again
    slots.add(1);

    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.take()).isZero();
    slots.add(1);
    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.take()).isEqualTo(2);
    assertThat(slots.isEmpty()).isTrue();
  }
}
