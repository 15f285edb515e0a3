package org.wasmbroker.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.host.RunTape;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Reason;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.ManualTime;

/** Which steps are recorded, and what becomes of those that are too many or too large. */
class RecorderTest {
  private final ManualTime time = new ManualTime();
  private final Map<String, byte[]> written = new HashMap<>();
  private final List<RecordingEvent> events = new ArrayList<>();
  private boolean full;

  private record Unclaimed() implements Claim {}

  @Test
  void onlyTheHandlersThatTheOperatorNamedAreRecorded() {
    var recorder = recorder(config(100, RecordedOutcomes.FAILED, "report-*", "exact"));

    assertThat(names(recorder, "report-pdf", "exact", "exactly", "a-report-b", "report", "other"))
        .containsExactly("report-pdf", "exact");
  }

  private static List<String> names(Recorder recorder, String... handlers) {
    return List.of(handlers).stream()
        .filter(name -> isOpen(recorder, step(name, UUID.randomUUID(), 1)))
        .toList();
  }

  private static boolean isOpen(Recorder recorder, Step step) {
    return recorder.open(step, resolved(), Capabilities.STANDARD.basicAccess()) != null;
  }

  @Test
  void theIdAloneDecidesWhetherAStepIsSampled() {
    var tenth = recorder(config(10, RecordedOutcomes.FAILED, "*"));
    var other = recorder(config(10, RecordedOutcomes.ALL, "*"));
    var ids = IntStream.range(0, 20_000).mapToObj(i -> new UUID(7L << 40, i)).toList();

    var sampled = ids.stream().filter(id -> isOpen(tenth, step("a", id, 1))).toList();

    assertThat((double) sampled.size() / ids.size()).isCloseTo(0.1, within(0.01));
    assertThat(ids.stream().filter(id -> isOpen(other, step("b", id, 2))).toList())
        .as("another attempt, another broker")
        .isEqualTo(sampled);
  }

  @Test
  void nothingAndEverythingAreShares() {
    var ids = IntStream.range(0, 1000).mapToObj(i -> new StepId(new UUID(i, -i))).toList();
    assertThat(ids).allMatch(id -> Recorder.place(id) >= 0 && Recorder.place(id) < 100);
  }

  @Test
  void theOutcomeDecidesWhetherARecordingIsKept() {
    for (var on : RecordedOutcomes.values()) {
      written.clear();
      var recorder = recorder(config(100, on, "*"));
      end(recorder, 1, step -> failed(step));
      end(
          recorder,
          2,
          step ->
              new Outcome.Retry(
                  step,
                  StepError.retryable("busy", "later"),
                  Duration.ofSeconds(1),
                  time.now(),
                  Receipt.none(Duration.ZERO)));
      end(
          recorder,
          3,
          step ->
              new Outcome.Completed(
                  step, Document.of("1"), time.now(), Receipt.none(Duration.ZERO)));

      assertThat(written.keySet().stream().map(name -> name.replaceAll(".*-(\\d+).jsonl", "$1")))
          .containsExactlyInAnyOrderElementsOf(
              switch (on) {
                case FAILED -> List.of("1");
                case ATTEMPTS -> List.of("1", "2");
                case ALL -> List.of("1", "2", "3");
              });
    }
  }

  @Test
  void theReceiptNamesTheFile() throws UnusableRecordingException {
    var outcome = end(recorder(config(100, RecordedOutcomes.FAILED, "*")), 1, step -> failed(step));

    var name = Objects.requireNonNull(outcome.receipt().recording());
    assertThat(name).isEqualTo("handler-" + outcome.step().id() + "-1.jsonl");
    assertThat(RecordingName.isOne(name)).isTrue();
    assertThat(RecordingReader.read(Objects.requireNonNull(written.get(name))).work().ids())
        .isEqualTo(outcome.step().ids());
  }

  @Test
  void aFloodOfFailuresIsBoundedByTheRateAndCounted() {
    var recorder =
        recorder(
            new RecordingConfig(
                List.of(new HandlerPattern("*")),
                100,
                RecordedOutcomes.FAILED,
                Rate.parse("2/s"),
                4096,
                null,
                Duration.ofDays(1),
                1,
                1 << 20));
    for (int i = 1; i <= 10; i++) {
      assertThat(end(recorder, i, step -> failed(step)).receipt().recording() != null)
          .isEqualTo(i <= 2);
    }
    time.advance(Duration.ofMillis(500));
    var _ = end(recorder, 11, step -> failed(step));

    assertThat(written).hasSize(3);
    assertThat(events).hasSize(8).containsOnly(new RecordingEvent.Dropped(Reason.RATE));
  }

  @Test
  void aStepIsNotRecordedWhileTheBacklogIsFull() {
    full = true;
    var outcome = end(recorder(config(100, RecordedOutcomes.FAILED, "*")), 1, step -> failed(step));

    assertThat(outcome.receipt().recording()).isNull();
    assertThat(events).containsExactly(new RecordingEvent.Dropped(Reason.BACKLOG));
  }

  @Test
  void beyondTheBoundOnlyTheBeginningAndTheEndAreKeptAndTheFileSaysSo()
      throws UnusableRecordingException {
    var recorder = recorder(config(100, RecordedOutcomes.FAILED, "*"));
    var step = step("handler", UUID.randomUUID(), 1);
    var recording =
        Objects.requireNonNull(
            recorder.open(step, resolved(), Capabilities.STANDARD.basicAccess()));
    var tape = Objects.requireNonNull(recording.access().find(RunTape.class));
    tape.runStarted();
    var log = recording.logs(_ -> GuestLog.NONE).apply(step);
    for (int i = 0; i < 100; i++) {
      tape.random(new byte[4096], 4096);
      log.line(GuestLog.Level.INFO, "more", null);
    }
    var _ = recording.end(failed(step));

    var read = RecordingReader.read(written.values().iterator().next());
    assertThat(read.entries()).isEmpty();
    assertThat(read.truncated())
        .isEqualTo("it exceeded record.largest, which is 8192 bytes, after 3 entries");
    assertThat(read.work().input()).isEqualTo(step.document());
    assertThat(read.end().error()).isEqualTo(((Outcome.Failed) failed(step)).error());
    assertThat(written.values().iterator().next().length).isLessThan(8192);
  }

  private interface End {
    Outcome of(Step step);
  }

  private Outcome end(Recorder recorder, int attempt, End end) {
    var step = step("handler", UUID.randomUUID(), attempt);
    var recording =
        Objects.requireNonNull(
            recorder.open(step, resolved(), Capabilities.STANDARD.basicAccess()));
    return recording.end(end.of(step));
  }

  private Outcome failed(Step step) {
    return new Outcome.Failed(
        step,
        StepError.permanent("broken", "it is"),
        false,
        time.now(),
        Receipt.none(Duration.ZERO));
  }

  private static Step step(String handler, UUID id, int attempt) {
    return new Step(
        new StepIds(new StepId(id), null, null),
        handler,
        new HandlerRef(handler, null),
        new Attempt(attempt, 20),
        Duration.ofSeconds(1),
        Document.of("{\"a\":1}"),
        new Unclaimed(),
        new ManualTime().now(),
        TraceContext.NONE);
  }

  private static Resolved resolved() {
    var module =
        new FakeEngine()
            .with("fake", FakeEngine.writing("{}"))
            .compile(new WasmBinary("fake".getBytes(UTF_8)), Limits.DEFAULTS);
    return new Resolved(
        new ModuleId("handler", "1.0.0", module.digest()), module, Grants.NONE, null);
  }

  private static RecordingConfig config(double percent, RecordedOutcomes on, String... handlers) {
    return new RecordingConfig(
        List.of(handlers).stream().map(HandlerPattern::new).toList(),
        percent,
        on,
        Rate.parse("1000/s"),
        8192,
        null,
        Duration.ofDays(1),
        1,
        1 << 20);
  }

  private Recorder recorder(RecordingConfig config) {
    return new Recorder(
        config, "test", 512 << 10, this::offer, time, event -> events.add((RecordingEvent) event));
  }

  private boolean offer(String name, ByteBuffer bytes) {
    if (full) {
      return false;
    }
    written.put(name, Recordings.bytes(bytes));
    return true;
  }
}
