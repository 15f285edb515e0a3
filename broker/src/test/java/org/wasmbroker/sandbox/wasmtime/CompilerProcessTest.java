package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.wasmtime.CompilerProcess.EndedException;

final class CompilerProcessTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void aProcessThatDoesNotGetReadyIsReportedWithItsReason() {
    assertThatThrownBy(() -> started("not ready"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 3")
        .hasMessageContaining("the library is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dies", "dies half way", "negative", "other kind", "wrong checksum"})
  void aProcessThatDiesOrLiesIsNotBelievedAndNotUsedAgain(String lie) throws Exception {
    try (var process = started(lie)) {
      var ended = catchThrowableOfType(EndedException.class, () -> compile(process, LONG));

      assertThat(ended.isOutOfMemory()).isFalse();
      assertThat(process.isUsable()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dies of memory", "giant"})
  void aProcessThatNeedsOrReturnsTooMuchMemoryIsRecognised(String behaviour) throws Exception {
    try (var process = started(behaviour)) {
      var ended = catchThrowableOfType(EndedException.class, () -> compile(process, LONG));

      assertThat(ended.isOutOfMemory()).isTrue();
    }
  }

  @Test
  void aProcessHasNothingOfTheBrokersEnvironment() throws Exception {
    assertThat(System.getenv()).containsKey("PATH");
    try (var process = started("environment")) {
      var said = catchThrowableOfType(ModuleRefusedException.class, () -> compile(process, LONG));

      assertThat(String.valueOf(said.getMessage()).split("[\\[\\], ]+"))
          .filteredOn(name -> !name.isEmpty())
          .containsExactlyInAnyOrder("RAYON_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_ALL");
    }
  }

  private static CompilerProcess started(String behaviour)
      throws IOException, InterruptedException {
    return CompilerProcess.start(CompilerProcess.command(LyingCompiler.class, behaviour));
  }

  private static void compile(CompilerProcess process, Duration time) throws Exception {
    try (var arena = Arena.ofShared()) {
      process.compile(new byte[8], time, 1 << 20, arena);
    }
  }
}
