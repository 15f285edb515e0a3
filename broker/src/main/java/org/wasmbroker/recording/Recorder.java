package org.wasmbroker.recording;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.secret.NamedStandIn;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Reason;

/**
 * Records the steps that the operator asked for. Which step is sampled depends on its id only, so
 * that all its attempts are, in every broker, or none. What was recorded of a step that is of no
 * interest after all is dropped with it; the others are masked and put into their form on the
 * step's thread, and written by another.
 */
public final class Recorder implements StepRecorder {
  private static final Logger log = LoggerFactory.getLogger(Recorder.class);

  private final RecordingConfig config;
  private final String broker;
  private final int stackBytes;
  private final Pattern handlers;
  private final RateGate gate;
  private final RecordingSink sink;
  private final TimeSource time;
  private final EventSink events;

  /**
   * @param broker the broker's version
   * @param stackBytes of a guest's stack
   */
  public Recorder(
      RecordingConfig config,
      String broker,
      int stackBytes,
      RecordingSink sink,
      TimeSource time,
      EventSink events) {
    this.config = config;
    this.broker = broker;
    this.stackBytes = stackBytes;
    this.handlers = HandlerPattern.compile(config.handlers());
    this.gate = new RateGate(config.rate(), time);
    this.sink = sink;
    this.time = time;
    this.events = events;
  }

  @Override
  public @Nullable StepRecording open(Step step, Resolved handler, Access access) {
    return handlers.matcher(step.handler().name()).matches() && isSampled(step.id())
        ? new StepTape(this, step, handler, access, config.largestBytes())
        : null;
  }

  private boolean isSampled(StepId id) {
    return place(id) < config.percent();
  }

  /** Where an id falls between 0 and 100; every bit of the id counts. */
  static double place(StepId id) {
    long mixed =
        mix(id.value().getMostSignificantBits() ^ mix(id.value().getLeastSignificantBits()));
    return (mixed >>> 11) * 0x1p-53 * 100;
  }

  private static long mix(long bits) {
    long mixed = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }

  Outcome end(StepTape tape, Outcome outcome) {
    if (!config.on().include(outcome)) {
      return outcome;
    }
    try {
      return keep(tape, outcome);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      log.atError()
          .addKeyValue("step", tape.step().id())
          .setCause(failure)
          .log("a step could not be recorded");
      events.on(new RecordingEvent.Dropped(Reason.FAULT));
      return outcome;
    }
  }

  private Outcome keep(StepTape tape, Outcome outcome) {
    if (!gate.tryPass()) {
      return dropped(outcome, Reason.RATE);
    }
    var bytes = RecordingWriter.write(recording(tape, outcome, tape.tape().truncated()));
    if (bytes.length > Recording.MAX_FILE_BYTES) {
      bytes =
          RecordingWriter.write(
              recording(tape, outcome, "its file would have had " + bytes.length + " bytes"));
    }
    var secrets = tape.secrets();
    if (secrets != null && secrets.isIn(bytes)) {
      log.atWarn()
          .addKeyValue("step", tape.step().id())
          .addKeyValue("handler", tape.step().handler())
          .log("a recording is dropped, since the value of a secret could not be masked in it");
      return dropped(outcome, Reason.SECRET);
    }
    var name = RecordingName.of(tape.step());
    return sink.offer(name, ByteBuffer.wrap(bytes))
        ? outcome.withReceipt(outcome.receipt().withRecording(name))
        : dropped(outcome, Reason.BACKLOG);
  }

  private Outcome dropped(Outcome outcome, Reason reason) {
    events.on(new RecordingEvent.Dropped(reason));
    return outcome;
  }

  private Recording recording(StepTape tape, Outcome outcome, @Nullable String truncated) {
    var step = tape.step();
    var handler = tape.handler();
    var grants = handler.grants();
    var masking = new Masking(tape.secrets());
    var output = handler.output();
    boolean fits = step.document().size() <= config.largestBytes();
    return new Recording(
        new Recording.Origin(broker, outcome.receipt().engine(), time.now().toString()),
        new Recording.Work(
            step.ids(),
            step.name(),
            step.handler(),
            step.attempt(),
            step.timeout(),
            handler.id(),
            fits ? masking.masked(step.document()) : Document.EMPTY),
        new Recording.Terms(
            grants.limits(),
            stackBytes,
            grants.newWork(),
            grants.functions(),
            grants.of(Capabilities.TIME),
            grants.summary(),
            output == null ? null : output.source()),
        standIns(tape.secrets()),
        truncated == null ? masking.masked(tape.tape().entries()) : List.of(),
        truncated,
        end(outcome, masking));
  }

  private static List<NamedStandIn> standIns(@Nullable StepSecrets secrets) {
    return secrets == null ? List.of() : secrets.standIns();
  }

  private static Recording.End end(Outcome outcome, Masking masking) {
    var usage = usage(outcome.receipt());
    return switch (outcome) {
      case Outcome.Completed completed ->
          new Recording.End(
              Recording.Status.COMPLETED, masking.masked(completed.result()), null, usage);
      case Outcome.Failed failed ->
          new Recording.End(Recording.Status.FAILED, null, failed.error(), usage);
      case Outcome.Retry retry ->
          new Recording.End(Recording.Status.RETRY, null, retry.error(), usage);
    };
  }

  /** The part of a receipt that is the same whenever the same is done. */
  public static Recording.Usage usage(Receipt receipt) {
    return new Recording.Usage(
        receipt.memoryHighWaterBytes(),
        receipt.hostCalls(),
        receipt.bytesIn(),
        receipt.bytesOut(),
        receipt.logLinesDropped(),
        receipt.grantUse().used());
  }
}
