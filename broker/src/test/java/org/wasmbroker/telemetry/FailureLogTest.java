package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.Outcomes;

class FailureLogTest {
  @Test
  void aStepThatFailsIsOneLineAndOthersAreNone() {
    var sink = new FailureLog();
    try (var log = CapturedLog.of(FailureLog.class, Level.INFO)) {
      sink.on(new StepEvent.Ended(Outcomes.completed(Outcomes.receipt("transform"))));
      sink.on(new StepEvent.Ended(Outcomes.retry("timeout", Outcomes.receipt("transform"))));
      assertThat(log.events()).isEmpty();

      sink.on(new StepEvent.Ended(Outcomes.failed("bad\ninput", Outcomes.receipt("transform"))));
      sink.on(new StepEvent.Ended(Outcomes.exhausted("timeout", Outcomes.receipt("transform"))));

      assertThat(log.events()).hasSize(2);
      var line = log.events().getFirst();
      assertThat(line.getLevel()).isEqualTo(Level.WARN);
      assertThat(line.getFormattedMessage()).isEqualTo("a step failed: it did");
      assertThat(line.getMessage()).as("one kind, whatever the error says").endsWith("{}");
      assertThat(line.getKeyValuePairs())
          .extracting(pair -> pair.key + "=" + pair.value)
          .contains("handler=transform", "version=1.0.0", "error_type=bad input", "attempt=1");
    }
    assertThat(CurrentStep.get()).isNull();
  }

  /** What the runbook of WasmBrokerSuspects looks for. */
  @Test
  void aSuspectIsNamedBeforeItRuns() {
    var sink = new FailureLog();
    var suspect = Outcomes.suspect("transform", 2);
    try (var log = CapturedLog.of(FailureLog.class, Level.INFO)) {
      sink.on(new StepEvent.Started(Outcomes.step("transform"), Duration.ZERO));
      assertThat(log.events()).isEmpty();

      CurrentStep.enter(suspect);
      sink.on(new StepEvent.Started(suspect, Duration.ZERO));

      assertThat(CurrentStep.get()).as("it goes on to run").isSameAs(suspect);
      assertThat(log.events()).hasSize(1);
      assertThat(log.events().getFirst().getFormattedMessage()).startsWith("a suspect starts");
      assertThat(log.events().getFirst().getKeyValuePairs())
          .extracting(pair -> pair.key + "=" + pair.value)
          .containsExactly("step=" + suspect.id(), "handler=transform", "lost_starts=2");
    } finally {
      CurrentStep.leave();
    }
  }

  @Test
  void theLineNamesTheRecordingIfThereIsOne() {
    var receipt = Outcomes.receipt("transform").withRecording("transform-1.jsonl");
    try (var log = CapturedLog.of(FailureLog.class, Level.INFO)) {
      new FailureLog().on(new StepEvent.Ended(Outcomes.failed("bad", receipt)));

      assertThat(log.events().getFirst().getKeyValuePairs())
          .extracting(pair -> pair.key + "=" + pair.value)
          .contains("recording=transform-1.jsonl");
    }
  }
}
