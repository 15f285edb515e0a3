package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.HealthCheck.State;
import org.wasmbroker.step.Digest;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.Outcomes;

class StageHealthTest {
  private final StageHealth health = new StageHealth();

  @Test
  void intakeFailsFromAFailedClaimUntilTheNextOneSucceeds() {
    health.on(new IntakeEvent.ClaimFailed(new IllegalStateException("no route"), Duration.ZERO));
    assertThat(health.intake().state()).isEqualTo(State.FAILING);
    assertThat(health.intake().detail()).contains("no route");

    health.on(new IntakeEvent.Claimed(0, 1, Duration.ZERO));
    assertThat(health.intake().state()).isEqualTo(State.OK);
  }

  @Test
  void aBrokenPolicyFileDegradesHealthWithoutRevealingTheReason() {
    assertThat(health.policy().state()).isEqualTo(State.OK);
    health.on(new PolicyEvent.Refused("line 3: secrets.PARTNER_KEY"));
    assertThat(health.policy().state()).isEqualTo(State.DEGRADED);
    assertThat(health.policy().detail())
        .contains("the previous policy stays in force")
        .doesNotContain("PARTNER_KEY");

    health.on(new PolicyEvent.Applied(Digest.of(new byte[0]), 3));
    assertThat(health.policy())
        .isEqualTo(HealthCheck.Result.ok("3 rules, sha256:" + Digest.of(new byte[0])));
  }

  @Test
  void failedReportsDegradeHealthUntilOneSucceeds() {
    health.on(new StepEvent.Ended(Outcomes.completed(Outcomes.receipt("transform"))));
    health.on(new ReportEvent.WriteFailed(1, new IllegalStateException(), Duration.ZERO));
    assertThat(health.steps().state()).isEqualTo(State.DEGRADED);

    health.on(new ReportEvent.Written(1, Duration.ZERO, Duration.ZERO));
    assertThat(health.steps()).isEqualTo(HealthCheck.Result.ok("1 runs ended, 0 of them failed"));
  }
}
