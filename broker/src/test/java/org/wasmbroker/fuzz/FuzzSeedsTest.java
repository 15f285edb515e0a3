package org.wasmbroker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every target on its seeds and earlier findings, without a fuzzer. */
class FuzzSeedsTest {
  static Stream<String> targets() {
    return FuzzTargets.names().stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void theTargetHoldsForItsSeeds(String name) throws Throwable {
    var target = FuzzTargets.named(name);
    var seeds = FuzzTargets.seeds(name, target);

    assertThat(seeds).isNotEmpty();
    for (var seed : seeds) {
      target.accept(seed);
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void theTargetHoldsForTruncatedAndMutatedSeeds(String name) throws Throwable {
    var target = FuzzTargets.named(name);
    var random = new Random(20261121);
    for (var seed : FuzzTargets.seeds(name, target)) {
      target.accept(Arrays.copyOf(seed, random.nextInt(seed.length + 1)));
      for (int i = 0; i < 5 && seed.length > 0; i++) {
        var damaged = seed.clone();
        damaged[random.nextInt(seed.length)] = (byte) random.nextInt(256);
        target.accept(damaged);
      }
    }
  }
}
