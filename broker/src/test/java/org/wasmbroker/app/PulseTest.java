package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.HealthCheck.State;
import org.wasmbroker.step.Digest;
import org.wasmbroker.testing.Outcomes;

class PulseTest {
  private final Pulse pulse = new Pulse();

  @Test
  void aClaimThatFailsIsAStrainUntilTheNextOneSucceeds() {
    pulse.claimFailed(new IllegalStateException("no route"), Duration.ZERO);
    assertThat(pulse.intake().state()).isEqualTo(State.STRAINED);
    assertThat(pulse.intake().detail()).contains("no route");

    pulse.claimed(0, 1, Duration.ZERO);
    assertThat(pulse.intake().state()).isEqualTo(State.OK);
  }

  @Test
  void aBrokenPolicyFileIsAStrainWhoseReasonStaysInTheLog() {
    assertThat(pulse.policy().state()).isEqualTo(State.OK);
    pulse.policyRefused("line 3: secrets.PARTNER_KEY");
    assertThat(pulse.policy().state()).isEqualTo(State.STRAINED);
    assertThat(pulse.policy().detail())
        .contains("the last good one stays")
        .doesNotContain("PARTNER_KEY");

    pulse.policyApplied(Digest.of(new byte[0]), 3);
    assertThat(pulse.policy())
        .isEqualTo(HealthCheck.Finding.ok("3 rules, sha256:" + Digest.of(new byte[0])));
  }

  @Test
  void resultsThatCannotBeWrittenAreAStrainUntilTheyAre() {
    pulse.stepEnded(Outcomes.completed(Outcomes.receipt("transform")));
    pulse.reportFailed(1, new IllegalStateException(), Duration.ZERO);
    assertThat(pulse.steps().state()).isEqualTo(State.STRAINED);

    pulse.reported(1, Duration.ZERO, Duration.ZERO);
    assertThat(pulse.steps()).isEqualTo(HealthCheck.Finding.ok("1 steps ended, 0 of them failed"));
  }
}
