package org.wasmbroker.protocol.tasker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.ManualTime;

class UnansweredClaimsTest {
  private final ManualTime time = new ManualTime();
  private final UnansweredClaims unanswered = new UnansweredClaims(time);

  @Test
  void aCallIsAskedAfterAtOnceAndOnlyOnceWhenItsStepsAreThere() {
    var batch = UUID.randomUUID();
    unanswered.add(batch);
    assertThat(due()).extracting(UnansweredClaims.Call::batch).containsExactly(batch);
    time.advance(Duration.ofHours(1));
    assertThat(due()).isEmpty();
  }

  @Test
  void aCallThatMayStillCommitIsAskedAfterAgain() {
    unanswered.add(UUID.randomUUID());
    due().forEach(unanswered::notFound);
    assertThat(due()).as("not with every claim").isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(due()).hasSize(1);
  }

  @Test
  void aCallThatNeverCommittedIsForgottenInTheEnd() {
    unanswered.add(UUID.randomUUID());
    int asked = 0;
    for (int second = 0; second < 1_000; second++) {
      var due = due();
      asked += due.size();
      due.forEach(unanswered::notFound);
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(asked).isBetween(100, 130);
  }

  @Test
  void aCallThatCouldNotBeAskedAfterIsKeptForAsLongAsItTakes() {
    unanswered.add(UUID.randomUUID());
    unanswered.add(UUID.randomUUID());
    for (int hour = 0; hour < 24; hour++) {
      var due = due();
      assertThat(due).hasSize(2);
      due.forEach(unanswered::notAsked);
      time.advance(Duration.ofHours(1));
    }
  }

  private List<UnansweredClaims.Call> due() {
    return Stream.generate(unanswered::takeDue).takeWhile(Objects::nonNull).toList();
  }
}
