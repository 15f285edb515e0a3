package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class BucketTest {
  private static final int STEPS = 1_000_000;

  /** Computed apart from this code; another value would move steps that have begun. */
  @Test
  void aStepsBucketIsTheSameForEver() {
    long salt = Bucket.salt("transform", "1.3.0");
    assertThat(salt).isEqualTo(0x28bb336b2132369dL);
    assertThat(Bucket.of(UUID.fromString("00000000-0000-0000-0000-000000000000"), salt))
        .isEqualTo(1158);
    assertThat(Bucket.of(UUID.fromString("6f1cd0a4-7d0e-4a1b-9f6e-2b8f5a3c1d2e"), salt))
        .isEqualTo(791);
    assertThat(Bucket.of(UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff"), salt))
        .isEqualTo(8262);
  }

  /** Chi-square with 9,999 degrees of freedom: one generator in a million exceeds 10,684. */
  @Test
  void randomIdsFillAllBucketsEvenly() {
    var random = new Random(1);
    assertThat(chiSquare(() -> new UUID(random.nextLong(), random.nextLong()))).isLessThan(10_684);
  }

  /**
   * Ids of version 7 differ in their time and little else, and so do ids that someone counts up.
   */
  @Test
  void idsInOrderFillAllBucketsEvenly() {
    var next = new long[] {0x0198_0000_0000_7000L, 0};
    assertThat(
            chiSquare(
                () -> {
                  next[0] += 1L << 16;
                  return new UUID(next[0], 0x8000_0000_0000_0001L);
                }))
        .isLessThan(10_684);
    assertThat(chiSquare(() -> new UUID(0, ++next[1]))).isLessThan(10_684);
  }

  private static double chiSquare(Supplier<UUID> ids) {
    long salt = Bucket.salt("transform", "1.3.0");
    var counts = new int[Bucket.COUNT];
    for (int i = 0; i < STEPS; i++) {
      counts[Bucket.of(ids.get(), salt)]++;
    }
    double expected = (double) STEPS / Bucket.COUNT;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  /** The first 10% of one candidate are 10% of the first 10% of another one. */
  @Test
  void otherStepsComeFirstAtTheNextCandidate() {
    var random = new Random(2);
    long one = Bucket.salt("transform", "1.3.0");
    long other = Bucket.salt("transform", "1.3.1");
    int first = 0;
    int both = 0;
    for (int i = 0; i < STEPS; i++) {
      var step = new UUID(random.nextLong(), random.nextLong());
      if (Bucket.of(step, one) < 1_000) {
        first++;
        both += Bucket.of(step, other) < 1_000 ? 1 : 0;
      }
    }
    assertThat((double) both / first).isBetween(0.09, 0.11);
  }
}
