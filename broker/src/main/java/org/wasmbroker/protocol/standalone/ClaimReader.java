package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.document.Problem;
import org.wasmbroker.pgmq.LeasedMessage;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * Turns claimed messages into steps. The claim is committed by then, so nothing here throws: an
 * exception because of one message would leave all of them claimed and never run.
 */
final class ClaimReader {
  private static final Logger log = LoggerFactory.getLogger(ClaimReader.class);
  private static final int MAX_DETAIL_LENGTH = 1000;

  private final StandaloneConfig config;
  private final WorkerIdentity worker;
  private final StepMessageSchema schema = new StepMessageSchema();

  ClaimReader(StandaloneConfig config, WorkerIdentity worker) {
    this.config = config;
    this.worker = worker;
  }

  /**
   * What claimed messages are; every message is in exactly one of the lists.
   *
   * @param rejected messages that will never run, to be dead-lettered
   * @param unread messages that could not be read for a reason that is not theirs, to be released
   */
  record ClaimedMessages(List<Step> steps, List<Disposition> rejected, List<MessageClaim> unread) {}

  ClaimedMessages read(List<LeasedMessage> messages) {
    var claimed =
        new ClaimedMessages(new ArrayList<>(messages.size()), new ArrayList<>(), new ArrayList<>());
    for (var message : messages) {
      read(message, claimed);
    }
    return claimed;
  }

  private void read(LeasedMessage message, ClaimedMessages claimed) {
    var claim = new MessageClaim(message.lease(), message.lost(), MessageHeaders.NONE);
    try {
      claim =
          new MessageClaim(message.lease(), message.lost(), MessageHeaders.of(message.headers()));
      var source = message.message();
      var parsed = source == null ? null : StepMessageReader.read(source);
      if (source == null || parsed == null) {
        claimed.rejected().add(invalid(claim, problems(message)));
        return;
      }
      var step = step(message, parsed, claim);
      if (claim.lostStarts() >= config.lostClaims()) {
        claimed.rejected().add(poisoned(step, claim));
      } else {
        claimed.steps().add(step);
      }
    } catch (OutOfMemoryError outOfMemory) {
      claimed.unread().add(claim);
    } catch (RuntimeException | StackOverflowError | LinkageError unexpected) {
      log.atError()
          .addKeyValue("msg_id", message.lease().messageId())
          .setCause(unexpected)
          .log("a message cannot be read; it is dead-lettered");
      claimed.rejected().add(invalid(claim, "cannot be read: " + unexpected));
    }
  }

  private Step step(LeasedMessage message, StepMessage parsed, MessageClaim claim) {
    var source = message.message();
    if (source == null) {
      throw new IllegalArgumentException("the message is null");
    }
    var name = parsed.name() == null ? parsed.handler().name() : parsed.name();
    var timeout = parsed.timeout() == null ? config.timeout() : parsed.timeout();
    var attempt =
        new Attempt(
            claim.headers().failures() + 1,
            parsed.maxAttempts() == null ? config.maxAttempts() : parsed.maxAttempts());
    return new Step(
        parsed.ids(),
        name,
        parsed.handler(),
        attempt,
        timeout,
        StepDocument.of(parsed, name, attempt, timeout.toMillis(), source),
        claim,
        message.visibleSince(),
        claim.headers().trace(),
        claim.headers().origin(),
        claim.headers().pin());
  }

  private String problems(LeasedMessage message) {
    var source = message.message();
    return source == null ? "the message is null" : Problem.join(schema.problems(source));
  }

  private Disposition invalid(MessageClaim claim, String detail) {
    return Disposition.invalid(
        claim,
        new DeadLetter(
            DeadLetter.Reason.INVALID,
            SafeText.sanitize(detail, MAX_DETAIL_LENGTH),
            0,
            null,
            null,
            worker.id()));
  }

  private Disposition poisoned(Step step, MessageClaim claim) {
    var error =
        StepError.permanent(
            "poisoned",
            "the step's worker was lost %d times while the step ran, as when a step kills its worker"
                .formatted(claim.lostStarts()));
    var outcome =
        new Outcome.Failed(step, error, false, step.readyAt(), Receipt.none(Duration.ZERO));
    var letter =
        new DeadLetter(
            DeadLetter.Reason.POISONED,
            error.message(),
            claim.headers().failures(),
            error,
            null,
            worker.id());
    return Disposition.failed(claim, outcome, letter, worker);
  }
}
