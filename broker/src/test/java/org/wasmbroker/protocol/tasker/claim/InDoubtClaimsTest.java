package org.wasmbroker.protocol.tasker.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.ManualTime;

class InDoubtClaimsTest {
  private final ManualTime time = new ManualTime();
  private final InDoubtClaims unanswered = new InDoubtClaims(time);

  @Test
  void aBatchIsLookedUpImmediatelyAndOnlyOnceWhenFound() {
    var batch = UUID.randomUUID();
    unanswered.add(batch);
    assertThat(due()).extracting(InDoubtClaims.Batch::batch).containsExactly(batch);
    time.advance(Duration.ofHours(1));
    assertThat(due()).isEmpty();
  }

  @Test
  void aBatchThatMayStillCommitIsLookedUpAgain() {
    unanswered.add(UUID.randomUUID());
    due().forEach(unanswered::notFound);
    assertThat(due()).as("not with every claim").isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(due()).hasSize(1);
  }

  @Test
  void aBatchThatNeverCommitsExpires() {
    unanswered.add(UUID.randomUUID());
    int lookups = 0;
    for (int second = 0; second < 1_000; second++) {
      var due = due();
      lookups += due.size();
      due.forEach(unanswered::notFound);
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(lookups).isBetween(100, 130);
  }

  @Test
  void aBatchWhoseLookupFailsIsRetainedIndefinitely() {
    unanswered.add(UUID.randomUUID());
    unanswered.add(UUID.randomUUID());
    for (int hour = 0; hour < 24; hour++) {
      var due = due();
      assertThat(due).hasSize(2);
      due.forEach(unanswered::lookupFailed);
      time.advance(Duration.ofHours(1));
    }
  }

  private List<InDoubtClaims.Batch> due() {
    return Stream.generate(unanswered::pollDue).takeWhile(Objects::nonNull).toList();
  }
}
