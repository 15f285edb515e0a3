package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.HealthCheck.State;
import org.wasmbroker.step.Digest;
import org.wasmbroker.testing.Outcomes;

class StageHealthTest {
  private final StageHealth health = new StageHealth();

  @Test
  void aFailedClaimDegradesIntakeUntilTheNextOneSucceeds() {
    health.claimFailed(new IllegalStateException("no route"), Duration.ZERO);
    assertThat(health.intake().state()).isEqualTo(State.DEGRADED);
    assertThat(health.intake().detail()).contains("no route");

    health.claimed(0, 1, Duration.ZERO);
    assertThat(health.intake().state()).isEqualTo(State.OK);
  }

  @Test
  void aBrokenPolicyFileDegradesHealthWithoutRevealingTheReason() {
    assertThat(health.policy().state()).isEqualTo(State.OK);
    health.policyRefused("line 3: secrets.PARTNER_KEY");
    assertThat(health.policy().state()).isEqualTo(State.DEGRADED);
    assertThat(health.policy().detail())
        .contains("the last good one stays")
        .doesNotContain("PARTNER_KEY");

    health.policyApplied(Digest.of(new byte[0]), 3);
    assertThat(health.policy())
        .isEqualTo(HealthCheck.Result.ok("3 rules, sha256:" + Digest.of(new byte[0])));
  }

  @Test
  void failedReportsDegradeHealthUntilOneSucceeds() {
    health.stepEnded(Outcomes.completed(Outcomes.receipt("transform")));
    health.reportFailed(1, new IllegalStateException(), Duration.ZERO);
    assertThat(health.steps().state()).isEqualTo(State.DEGRADED);

    health.reported(1, Duration.ZERO, Duration.ZERO);
    assertThat(health.steps()).isEqualTo(HealthCheck.Result.ok("1 steps ended, 0 of them failed"));
  }
}
