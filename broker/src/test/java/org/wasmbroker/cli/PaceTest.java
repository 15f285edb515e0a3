package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.ManualTime;

class PaceTest {
  @Test
  void withoutARateNothingWaits() {
    var pace = new Pace(0, TimeSource.SYSTEM);

    assertThat(pace.batch()).isEqualTo(100);
    assertThat(pace.after(1_000_000)).isEqualTo(Duration.ZERO);
  }

  @Test
  void whatIsDoneTooEarlyWaitsAndWhatIsLateDoesNot() {
    var time = new ManualTime();
    var pace = new Pace(20, time);

    assertThat(pace.batch()).isEqualTo(20);
    assertThat(pace.after(20)).isEqualTo(Duration.ofSeconds(1));
    time.advance(Duration.ofMillis(300));
    assertThat(pace.after(20)).isEqualTo(Duration.ofMillis(700));
    time.advance(Duration.ofSeconds(5));
    assertThat(pace.after(40)).isEqualTo(Duration.ZERO);
  }

  @Test
  void aHighRateIsInBatchesOfAHundredAndLargeNumbersDoNotOverflow() {
    var pace = new Pace(1000, new ManualTime());

    assertThat(pace.batch()).isEqualTo(100);
    assertThat(pace.after(100)).isEqualTo(Duration.ofMillis(100));
    assertThat(new Pace(1, new ManualTime()).after(1_000_000))
        .isEqualTo(Duration.ofSeconds(1_000_000));
  }
}
