package org.wasmbroker.registry.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SightingsTest {
  /** Fingerprints that differ in these bits alone share a set. */
  private static final int ABOVE_THE_SET = 12;

  private final Sightings sightings = new Sightings();

  @Test
  void aKeyIsSeenFromItsSecondTimeOn() {
    assertThat(sightings.seenBefore(7)).isFalse();
    assertThat(sightings.seenBefore(7)).isTrue();
    assertThat(sightings.seenBefore(7)).isTrue();
    assertThat(sightings.seenBefore(8)).isFalse();
  }

  @Test
  void keysOfOneSetThatComeInTurnsDoNotPushEachOtherOut() {
    var together = LongStream.rangeClosed(1, Sightings.WAYS).map(i -> i << ABOVE_THE_SET).toArray();

    for (long key : together) {
      assertThat(sightings.seenBefore(key)).as("first time of %x", key).isFalse();
    }
    for (int round = 0; round < 3; round++) {
      for (long key : together) {
        assertThat(sightings.seenBefore(key)).as("round %d of %x", round, key).isTrue();
      }
    }
  }

  @Test
  void oneMoreThanASetHoldsPushesOutTheOldest() {
    for (long i = 1; i <= Sightings.WAYS + 1; i++) {
      sightings.seenBefore(i << ABOVE_THE_SET);
    }

    assertThat(sightings.seenBefore(2 << ABOVE_THE_SET)).isTrue();
    assertThat(sightings.seenBefore(1 << ABOVE_THE_SET)).isFalse();
  }
}
