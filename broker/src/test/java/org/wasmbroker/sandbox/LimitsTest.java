package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.sandbox.LimitKind.Scope;

class LimitsTest {
  @ParameterizedTest
  @EnumSource
  void everyDefaultIsWithinItsBounds(LimitKind kind) {
    assertThat(kind.defaultValue()).isBetween(kind.minimum(), kind.maximum());
  }

  @ParameterizedTest
  @MethodSource("ofARun")
  void everyRunLimitAcceptsItsBoundsAndNothingBeyond(LimitKind kind) {
    assertThat(Limits.DEFAULTS.of(kind)).isEqualTo(kind.defaultValue());
    assertThat(Limits.DEFAULTS.with(kind, kind.minimum()).of(kind)).isEqualTo(kind.minimum());
    assertThat(Limits.DEFAULTS.with(kind, kind.maximum()).of(kind)).isEqualTo(kind.maximum());
    assertThatThrownBy(() -> Limits.DEFAULTS.with(kind, kind.maximum() + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(kind.key() + " must be ");
    assertThatThrownBy(() -> Limits.DEFAULTS.with(kind, kind.minimum() - 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void changingOneLimitLeavesTheOthers() {
    var limits = Limits.DEFAULTS.withTime(Duration.ofSeconds(5)).withMemoryBytes(1 << 20);

    assertThat(limits.time()).isEqualTo(Duration.ofSeconds(5));
    assertThat(limits.memoryBytes()).isEqualTo(1 << 20);
    assertThat(limits.hostCalls()).isEqualTo(Limits.DEFAULTS.hostCalls());
    assertThat(limits.with(LimitKind.TIME, 30_000).with(LimitKind.MEMORY, 32 << 20))
        .isEqualTo(Limits.DEFAULTS)
        .hasSameHashCodeAs(Limits.DEFAULTS);
    assertThat(limits).isNotEqualTo(Limits.DEFAULTS);
  }

  @Test
  void anErrorNamesTheSettingItsBoundsAndTheValue() {
    assertThatThrownBy(() -> Limits.DEFAULTS.withMemoryBytes(5L << 30))
        .hasMessage("limits.memory must be 64 KiB to 4 GiB, was 5 GiB");
    assertThatThrownBy(() -> Limits.DEFAULTS.withTime(Duration.ofDays(2)))
        .hasMessage("limits.time must be 1 ms to 24 h, was 48 h");
  }

  private static List<LimitKind> ofARun() {
    return LimitKind.of(Scope.RUN);
  }
}
