package org.wasmbroker.protocol.tasker.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UuidV7Test {
  @Test
  void uuidsStartWithTheTimestampAndAreUnique() {
    var time = Instant.parse("2026-11-21T10:00:00.123Z");

    var made = IntStream.range(0, 1000).mapToObj(i -> UuidV7.at(time)).toList();

    assertThat(made).doesNotHaveDuplicates();
    assertThat(made)
        .allSatisfy(
            uuid -> {
              assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(time.toEpochMilli());
              assertThat(uuid.version()).isEqualTo(7);
              assertThat(uuid.variant()).isEqualTo(2);
            });
  }
}
