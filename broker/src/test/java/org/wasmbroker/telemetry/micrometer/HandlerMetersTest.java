package org.wasmbroker.telemetry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.testing.Outcomes;

class HandlerMetersTest {
  @Test
  void aStepThatEndsWhenItsHandlerHasGoneLeavesNoSeriesAndTakesNoRoom() {
    var registry = new SimpleMeterRegistry();
    var room = new Semaphore(1);
    var meters =
        new HandlerMeters(
            registry, "transform", KnownValues.NONE, new TagLimiter(10, Set.of()), room);

    meters.remove();
    meters.recordOutcome(Outcomes.completed(Outcomes.receipt("transform")));

    assertThat(registry.getMeters()).isEmpty();
    assertThat(room.availablePermits()).isEqualTo(1);
  }
}
