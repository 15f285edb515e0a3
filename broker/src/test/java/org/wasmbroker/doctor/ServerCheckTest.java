package org.wasmbroker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.ServerInfo;

class ServerCheckTest {
  private static final Duration SLOW = Duration.ofSeconds(3);

  @Test
  void aHealthyServerHasNoProblems() {
    assertThat(evaluate(180_006, false, Duration.ofMillis(-900), Duration.ZERO))
        .allSatisfy(finding -> assertThat(finding.level()).isEqualTo(Level.OK));
  }

  @Test
  void clockSkewIsAWarningUnlessWithinTheMeasurementUncertainty() {
    assertThat(evaluate(180_006, false, Duration.ofSeconds(-2), Duration.ofMillis(5)))
        .filteredOn(finding -> finding.level() == Level.WARNING)
        .singleElement()
        .satisfies(finding -> assertThat(finding.detail()).contains("2000 ms behind"));
    assertThat(evaluate(180_006, false, Duration.ofSeconds(2), SLOW))
        .allSatisfy(finding -> assertThat(finding.level()).isEqualTo(Level.OK));
  }

  @Test
  void oldServersAndStandbysAreRejected() {
    assertThat(evaluate(130_012, false, Duration.ZERO, Duration.ZERO).getFirst().level())
        .isEqualTo(Level.FAILED);
    assertThat(evaluate(180_006, true, Duration.ZERO, Duration.ZERO).getFirst().detail())
        .contains("read-only");
  }

  private static List<Finding> evaluate(
      int number, boolean readOnly, Duration ahead, Duration uncertainty) {
    var findings = new Findings();
    new ServerCheck("database", DatabaseConfig.DEFAULTS, findings)
        .evaluate(
            new ServerInfo(
                "18.6",
                number,
                "tasker",
                readOnly,
                ahead,
                uncertainty,
                "tasker, public",
                "UTC",
                Optional.of("1.11.1"),
                true));
    return findings.all();
  }
}
