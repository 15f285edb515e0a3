package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.EngineConfig;

final class MemoryPlanTest {
  private static final EngineConfig CONFIG = EngineConfig.of(64);
  private static final List<String> STATUS = List.of("Name:\tjava", "VmSize:\t 1048576 kB");

  @Test
  void withAmpleAddressSpaceEachMemoryReservesAllThatAGuestCanAddress() {
    var plan = MemoryPlan.of(CONFIG, 1L << 46);

    assertThat(plan.pooled()).isTrue();
    assertThat(plan.reservation()).isEqualTo(4L << 30);
    assertThat(plan.bytes(64)).isGreaterThan(256L << 30);
  }

  @Test
  void withLessAddressSpaceThePoolIsAsLargeAsTheLimits() {
    var plan = MemoryPlan.of(CONFIG, 16L << 30);

    assertThat(plan).isEqualTo(new MemoryPlan(true, CONFIG.memoryBytes(), 0));
  }

  @Test
  void withTooLittleAddressSpaceThereIsNoPool() {
    assertThat(MemoryPlan.of(CONFIG, 3L << 30).pooled()).isFalse();
  }

  @Test
  void anUnlimitedProcessHasTheWholeUserAddressSpace() throws IOException {
    var limits = List.of("Max address space         unlimited            unlimited       bytes");

    assertThat(AddressSpace.free(limits, STATUS)).isEqualTo(1L << 46);
  }

  @Test
  void aLimitedProcessHasWhatIsUnused() throws IOException {
    var limits = List.of("Max address space         3221225472           unlimited       bytes");

    assertThat(AddressSpace.free(limits, STATUS)).isEqualTo(2L << 30);
  }

  @Test
  void missingKernelInformationIsAnError() {
    assertThatThrownBy(() -> AddressSpace.free(List.of(), STATUS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Max address space");
  }
}
