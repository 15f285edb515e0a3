package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BisectionTest {
  private final List<Integer> written = new ArrayList<>();
  private final List<List<Integer>> refused = new ArrayList<>();
  private int attempts;

  @Test
  void anAcceptedBatchIsWrittenInOneAttempt() {
    write(10, Set.of(), "refused");
    assertThat(written).hasSize(10);
    assertThat(attempts).isOne();
    assertThat(refused).isEmpty();
  }

  @Test
  void everyEntryButTheRefusedOnesIsWrittenOnceAndInOrder() {
    write(100, Set.of(0, 41, 42, 99), "refused");
    assertThat(refused).containsExactly(List.of(0), List.of(41), List.of(42), List.of(99));
    assertThat(written)
        .hasSize(96)
        .isSorted()
        .doesNotHaveDuplicates()
        .doesNotContain(0, 41, 42, 99);
  }

  @Test
  void oneRefusedEntryCostsTwoAttemptsForEachHalving() {
    write(1024, Set.of(500), "refused");
    assertThat(attempts).isEqualTo(1 + 2 * 10);
  }

  @Test
  void aBatchThatFailsForAnotherReasonIsNotSplit() {
    write(10, Set.of(3), "unreachable");
    assertThat(refused).containsExactly(IntStream.range(0, 10).boxed().toList());
    assertThat(attempts).isOne();
  }

  private void write(int entries, Set<Integer> bad, String failure) {
    Bisection.write(
        IntStream.range(0, entries).boxed().toList(),
        batch -> attempt(batch, bad, failure),
        "refused"::equals,
        (batch, cause) -> refused.add(List.copyOf(batch)));
  }

  private @Nullable String attempt(List<Integer> batch, Set<Integer> bad, String failure) {
    attempts++;
    if (batch.stream().anyMatch(bad::contains)) {
      return failure;
    }
    written.addAll(batch);
    return null;
  }
}
