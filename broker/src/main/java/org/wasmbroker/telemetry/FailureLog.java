package org.wasmbroker.telemetry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * Writes a line for each step that failed; attempts that are followed by another are details. And
 * one for each suspect before it runs: if it ends the broker, that is the last line about it.
 */
public final class FailureLog implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(FailureLog.class);
  private static final int MAX_MESSAGE_LENGTH = 500;
  private static final int MAX_TYPE_LENGTH = 100;

  @Override
  public void on(BrokerEvent event) {
    if (event instanceof StepEvent.Started(Step step, _) && step.claim().isSuspect()) {
      log.atWarn()
          .addKeyValue("step", step.id())
          .addKeyValue("handler", step.handler())
          .addKeyValue("lost_starts", step.claim().lostStarts())
          .log("a suspect starts: an earlier claim of this step was lost");
    } else if (event instanceof StepEvent.Ended(Outcome outcome)) {
      switch (outcome) {
        case Outcome.Completed _ -> {}
        case Outcome.Retry retry -> {
          if (log.isDebugEnabled()) {
            write(log.atDebug(), outcome, retry.error(), "an attempt of a step failed: {}");
          }
        }
        case Outcome.Failed failed ->
            write(log.atWarn(), outcome, failed.error(), "a step failed: {}");
      }
    }
  }

  private static void write(
      LoggingEventBuilder line, Outcome outcome, StepError error, String template) {
    var step = outcome.step();
    var module = outcome.receipt().module();
    CurrentStep.enter(step); // for the ids that every line of a step has
    try {
      var told =
          line.addKeyValue("step", step.id())
              .addKeyValue("handler", module == null ? step.handler() : module.handler())
              .addKeyValue("version", module == null ? "none" : module.version())
              .addKeyValue("error_type", SafeText.sanitize(error.type(), MAX_TYPE_LENGTH))
              .addKeyValue("attempt", step.attempt().number());
      var recording = outcome.receipt().recording();
      if (recording != null) {
        told = told.addKeyValue("recording", recording);
      }
      told.log(template, SafeText.sanitize(error.message(), MAX_MESSAGE_LENGTH));
    } finally {
      CurrentStep.leave();
    }
  }
}
