package org.wasmbroker.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.recording.Recorder;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.WireName;

/** Compares the end of a replay with the recorded one. */
final class EndComparison {
  /** An offset in a module, as engines write it in messages and backtraces of traps. */
  private static final Pattern PLACE = Pattern.compile("0x[0-9a-f]+");

  private final Recording recorded;
  private final Outcome outcome;
  private final List<ReplayDifference> differences = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final boolean endedByRecording;
  private boolean whole = true;

  /**
   * @param endedByRecording whether a replay that ran out of time did so because the recorded run
   *     had come no further
   */
  EndComparison(Recording recorded, Outcome outcome, boolean endedByRecording) {
    this.recorded = recorded;
    this.outcome = outcome;
    this.endedByRecording = endedByRecording;
    compare();
  }

  List<ReplayDifference> differences() {
    return differences;
  }

  List<String> notes() {
    return notes;
  }

  /** Whether the replay is known to have come as far as the recorded run. */
  boolean isWhole() {
    return whole;
  }

  private void compare() {
    var end = recorded.end();
    compareEngines();
    compare("outcome", WireName.of(end.status()), WireName.of(status(outcome)));
    compare("result", text(end.result()), text(result(outcome)), end.result(), result(outcome));
    var error = error(outcome);
    if (timeIsUp(end.error()) && timeIsUp(error)) {
      compareTimes(Objects.requireNonNull(end.error()), Objects.requireNonNull(error));
      return;
    }
    if (timeIsUp(error)) {
      notes.add(
          "the replay ran out of time, which the recorded run did not; this machine may be slower:"
              + " --time-limit gives it more");
    }
    compare(
        "error", text(end.error()), text(error), withoutPlace(end.error()), withoutPlace(error));
    compareUsage(end.usage(), Recorder.usage(outcome.receipt()));
  }

  private void compareEngines() {
    var was = recorded.origin().engine();
    var is = outcome.receipt().engine();
    if (was != null && is != null && !was.equals(is)) {
      notes.add(
          "recorded with %s, replayed with %s: messages and backtraces of traps may differ"
              .formatted(was, is));
    }
  }

  /** When exactly a run is stopped depends on the machine. */
  private void compareTimes(StepError was, StepError is) {
    if (was.equals(is) && endedByRecording) {
      return;
    }
    if (was.context() instanceof ErrorContext.ExceededLimit known
        && is.context() instanceof ErrorContext.ExceededLimit now
        && known.allowed() == now.allowed()
        && was.retryable() == is.retryable()) {
      whole = false;
      notes.add(
          "both ran out of time, after %d ms and %d ms of %d: how far a guest comes in its time is not the same twice, so the rest is not compared"
              .formatted(known.used(), now.used(), known.allowed()));
    } else {
      compare("error", text(was), text(is), was, is);
    }
  }

  /**
   * What is compared of an error. Where in the module a trap was is left out: an engine that checks
   * for an interrupt may take the place of its check for that of the instruction after it, in one
   * run and not in the next.
   */
  private static @Nullable StepError withoutPlace(@Nullable StepError error) {
    return error == null || error.backtrace().isEmpty()
        ? error
        : new StepError(
            error.type(),
            withoutPlace(error.message()),
            error.retryable(),
            error.code(),
            error.retryAfter(),
            error.backtrace().stream().map(EndComparison::withoutPlace).toList(),
            error.context());
  }

  private static String withoutPlace(String text) {
    return PLACE.matcher(text).replaceAll("0x");
  }

  private static boolean timeIsUp(@Nullable StepError error) {
    return error != null
        && error.context() instanceof ErrorContext.ExceededLimit exceeded
        && exceeded.limit().equals(ErrorContext.ExceededLimit.TIME);
  }

  private void compareUsage(Recording.Usage was, Recording.Usage is) {
    compare(
        "memory high-water mark", was.memoryHighWaterBytes() + "", is.memoryHighWaterBytes() + "");
    compare("host calls", was.hostCalls() + "", is.hostCalls() + "");
    compare("bytes in", was.bytesIn() + "", is.bytesIn() + "");
    compare("bytes out", was.bytesOut() + "", is.bytesOut() + "");
    compare("log lines dropped", was.logLinesDropped() + "", is.logLinesDropped() + "");
    compare("use of grants", was.used() + "", is.used() + "", was.used(), is.used());
  }

  private void compare(String what, String was, String is) {
    compare(what, was, is, was, is);
  }

  private void compare(
      String what, String was, String is, @Nullable Object recordedValue, @Nullable Object value) {
    if (!Objects.equals(recordedValue, value)) {
      differences.add(new ReplayDifference(what, EntryText.text(was), EntryText.text(is)));
    }
  }

  private static Recording.Status status(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> Recording.Status.COMPLETED;
      case Outcome.Failed _ -> Recording.Status.FAILED;
      case Outcome.Retry _ -> Recording.Status.RETRY;
    };
  }

  private static @Nullable Document result(Outcome outcome) {
    return outcome instanceof Outcome.Completed completed ? completed.result() : null;
  }

  private static @Nullable StepError error(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> null;
      case Outcome.Failed failed -> failed.error();
      case Outcome.Retry retry -> retry.error();
    };
  }

  private static String text(@Nullable Document document) {
    return document == null ? "none" : document.text();
  }

  private static String text(@Nullable StepError error) {
    return error == null
        ? "none"
        : error.type()
            + ": "
            + error.message()
            + (error.backtrace().isEmpty() ? "" : " at " + String.join(", ", error.backtrace()));
  }
}
