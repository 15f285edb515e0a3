package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventSinkTest {
  @Test
  void everySinkReceivesEveryEventInOrder() {
    var received = new ArrayList<String>();
    var all =
        EventSink.all(
            List.of(event -> received.add("first " + event), event -> received.add("second")));
    var event = new LifecycleEvent.DrainStarted(1, 2);

    all.on(event);

    assertThat(received).containsExactly("first " + event, "second");
  }

  @Test
  void aSinkThatFailsHarmsNeitherTheOthersNorTheReporter() {
    var received = new ArrayList<String>();
    var all =
        EventSink.all(
            List.of(
                event -> {
                  throw new IllegalStateException("broken");
                },
                event -> received.add("second")));

    all.on(new LifecycleEvent.DrainStarted(1, 2));

    assertThat(received).containsExactly("second");
  }
}
