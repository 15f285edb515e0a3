package org.wasmbroker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.demo.DemoMessages.Expectation;
import org.wasmbroker.demo.DemoMessages.Message;

class DemoTallyTest {
  private static final Message GOOD = new Message("good", "{}", Expectation.COMPLETES);
  private static final Message BAD =
      new Message("bad", "{}", new Expectation("a bad filter", "filter_syntax_error", false));
  private static final Message INVALID =
      new Message("", "1", new Expectation("not a step", "", true));

  private final DemoTally tally = new DemoTally(List.of(GOOD, BAD, INVALID));

  @Test
  void isCompleteOnceEveryMessageEndedAsExpected() {
    tally.completed("good");
    tally.failed("bad", "filter_syntax_error", "line 1");
    assertThat(tally.isComplete()).isFalse();
    tally.rejected("not a JSON object");

    assertThat(tally.isComplete()).isTrue();
    assertThat(tally.deviations()).isEmpty();
    assertThat(tally.completed()).isOne();
    assertThat(tally.failures())
        .extracting(DemoTally.Failure::error)
        .containsExactly("filter_syntax_error: line 1", "dead letter: not a JSON object");
  }

  @Test
  void reportsEveryDeviation() {
    tally.failed("good", "timeout", "too slow");
    tally.completed("bad");
    tally.completed("unknown");
    tally.rejected("not a JSON object");
    tally.rejected("not a JSON object");

    assertThat(tally.deviations()).hasSize(4);
    assertThat(tally.deviations().getFirst()).contains("timeout", "too slow");
  }
}
