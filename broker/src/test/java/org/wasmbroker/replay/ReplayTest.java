package org.wasmbroker.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.recording.RecordingWriter;
import org.wasmbroker.recording.Recordings;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.replay.RecordRig.Recorded;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.testing.ClosedPort;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;
import org.wasmbroker.testing.ScriptedServer;

/**
 * A recorded step ends byte for byte as it did, on both engines, with nothing but its recording.
 */
class ReplayTest {
  private static final Document NONE = Document.of("{}");
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Until a guest that has all it needs has come to where it stays, and little more. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void everyCaseOfTheCatalogEndsAsItDid(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      var cases =
          RecordedCases.of("http_request").stream().filter(one -> !one.isAnswered()).toList();
      assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
      var http = rig.bundled("http_request");
      var transform = rig.bundled("transform");
      assertSoftly(
          all -> {
            for (var one : cases) {
              assertSame(all, one, rig, recorded(rig, http, one));
            }
            for (var one : RecordedCases.of("transform")) {
              assertSame(all, one, rig, rig.record(transform, Document.of(one.document())));
            }
          });
    }
  }

  private static Recorded recorded(RecordRig rig, Resolved handler, Case one) {
    try (var server = new ScriptedServer(one.node().path("server"));
        var closed = new ClosedPort()) {
      var document =
          one.document()
              .replace("@PORT@", Integer.toString(server.port()))
              .replace("@CLOSED@", Integer.toString(closed.number()));
      return rig.record(handler, Document.of(document));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void assertSame(SoftAssertions all, Case one, RecordRig rig, Recorded recorded) {
    var result = rig.replay(recorded);
    all.assertThat(result.differences()).as(one.name()).isEmpty();
    all.assertThat(result.departures()).as(one.name()).isEmpty();
    all.assertThat(result.notes()).as(one.name()).isEmpty();
    all.assertThat(end(result.outcome())).as(one.name()).isEqualTo(end(recorded.outcome()));
    all.assertThat(recorded.text()).as(one.name()).doesNotContain(RecordRig.SECRET);
  }

  private static Object end(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed completed -> completed.result().text();
      case Outcome.Failed failed -> failed.error();
      case Outcome.Retry retry -> retry.error();
    };
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void clocksRandomBytesAndWaitsAreThoseOfTheRecording(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      var guest = rig.guest(Guests.guest("unpredictable"), Limits.DEFAULTS);
      var first = rig.record(guest, NONE);
      var second = rig.record(guest, NONE);

      assertThat(end(first.outcome()))
          .as("it is not predictable")
          .isNotEqualTo(end(second.outcome()));
      assertThat((String) end(first.outcome())).hasSize(146);
      for (var recorded : new Recorded[] {first, second}) {
        var result = rig.replay(recorded);
        assertThat(result.differences()).isEmpty();
        assertThat(result.departures()).isEmpty();
        assertThat(end(result.outcome())).isEqualTo(end(recorded.outcome()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void whatTheCacheAnswersIsThatOfTheRecording(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      var guest =
          rig.guest(
              Guests.guest("cached"),
              """
              {"host_functions": ["read_input", "write_output", "cache_get", "cache_put"],
               "cache": true}
              """);
      var value = Document.of("{\"status\":\"completed\",\"result\":7}");
      var first = rig.record(guest, value);
      var second = rig.record(guest, value);

      assertThat(end(first.outcome())).isEqualTo("\"put\"");
      assertThat(end(second.outcome())).isEqualTo("7");
      assertThat(first.text()).contains("\"entry\":\"cache_put\"", "\"ttl_ms\":60000");
      assertThat(second.text())
          .contains("\"cache\":{\"bytes_read\":33,\"bytes_written\":0,\"deletes\":0,\"hits\":1,");
      for (var recorded : new Recorded[] {first, second, first}) {
        var result = rig.replay(recorded);
        assertThat(result.differences()).isEmpty();
        assertThat(result.departures()).isEmpty();
        assertThat(end(result.outcome())).isEqualTo(end(recorded.outcome()));
      }
      assertThat(Recordings.bytes(first.bytes()))
          .isEqualTo(RecordingWriter.write(first.recording()));
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void aBodyThatWasWrittenInPiecesIsPartOfTheRecording(EngineName engine) {
    var answer = "{\"status\":\"completed\",\"result\":7}";
    try (var rig = new RecordRig(engine);
        var server =
            RawServer.responding(
                "HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer)) {
      var guest =
          rig.guest(
              Guests.guest("posted"),
              """
              {"host_functions": ["read_input", "write_output", "http_request"],
               "http": ["* http://127.0.0.1:*"]}
              """);
      var recorded =
          rig.record(
              guest, Document.of("{\"method\":\"POST\",\"url\":\"%s\"}".formatted(server.url())));

      assertThat(end(recorded.outcome())).isEqualTo("7");
      assertThat(server.requests()).singleElement().asString().endsWith("first, second");
      assertThat(recorded.text())
          .contains("\"entry\":\"request_body\",\"bytes\":{\"text\":\"first, second\"}");
      var result = rig.replay(recorded);
      assertThat(result.differences()).isEmpty();
      assertThat(result.departures()).isEmpty();
      assertThat(end(result.outcome())).isEqualTo("7");
      assertThat(server.requests()).hasSize(1);
      assertThat(Recordings.bytes(recorded.bytes()))
          .isEqualTo(RecordingWriter.write(recorded.recording()));
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void trapsAndLimitsAreReproduced(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      assertSoftly(
          all -> {
            for (var trap : List.of("u", "m", "s", "d", "o", "c", "n", "b", "t")) {
              var guest = rig.guest(Guests.guest("traps"), Limits.DEFAULTS);
              var recorded = rig.record(guest, Document.of(trap));
              all.assertThat(((Outcome.Failed) recorded.outcome()).error().type())
                  .as("trap " + trap)
                  .isEqualTo("trapped");
              assertEndsTheSame(all, "trap " + trap, rig, recorded);
            }
            var small = Limits.DEFAULTS.withMemoryBytes(1 << 20);
            assertEndsTheSame(
                all, "memory", rig, rig.record(rig.guest(Guests.guest("greedy"), small), NONE));
            var few = Limits.DEFAULTS.withHostCalls(2);
            assertEndsTheSame(
                all,
                "host calls",
                rig,
                rig.record(rig.guest(Guests.guest("unpredictable"), few), NONE));
            var narrow = Limits.DEFAULTS.with(LimitKind.OUTPUT, 20);
            assertEndsTheSame(
                all,
                "output",
                rig,
                rig.record(rig.guest(Guests.guest("unpredictable"), narrow), NONE));
          });
    }
  }

  private static void assertEndsTheSame(
      SoftAssertions all, String what, RecordRig rig, Recorded recorded) {
    var result = rig.replay(recorded);
    all.assertThat(recorded.outcome()).as(what).isNotInstanceOf(Outcome.Completed.class);
    all.assertThat(result.differences()).as(what).isEmpty();
    all.assertThat(result.departures()).as(what).isEmpty();
    all.assertThat(((Outcome.Failed) result.outcome()).error().code())
        .as(what)
        .isEqualTo(((Outcome.Failed) recorded.outcome()).error().code());
  }

  @Test
  void thePlaceOfATrapIsNotComparedAndItsReasonIs() {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var guest = rig.guest(Guests.guest("traps"), Limits.DEFAULTS);
      var recorded = rig.record(guest, Document.of("u"));
      var was = recorded.recording();
      var error = Objects.requireNonNull(was.end().error());
      assertThat(error.message()).containsPattern("0x[0-9a-f]+ - ");

      var elsewhere = error.message().replaceAll("0x[0-9a-f]+ - ", "0x9 - ");
      assertThat(elsewhere).isNotEqualTo(error.message());
      assertThat(rig.replay(endingWith(was, error, elsewhere), recorded.module()).differences())
          .isEmpty();
      assertThat(rig.replay(endingWith(was, error, "other"), recorded.module()).differences())
          .extracting(ReplayDifference::what)
          .containsExactly("error");
    }
  }

  /** The recording, had its step failed with another message. */
  private static Recording endingWith(Recording was, StepError error, String message) {
    var other =
        new StepError(
            error.type(),
            message,
            error.retryable(),
            error.code(),
            error.retryAfter(),
            error.backtrace(),
            error.context());
    var end = new Recording.End(was.end().status(), was.end().result(), other, was.end().usage());
    return new Recording(
        was.origin(), was.work(), was.terms(), was.secrets(), was.entries(), null, end);
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void timeThatWasUpInACallOfTheHostIsUpInTheSameCall(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      var sleeper = rig.guest(Guests.guest("sleep"), Limits.DEFAULTS);
      var hour = Document.of(new byte[] {0, 0, 0, 0, 70, 3, 0, 0});
      var recorded = rig.record(sleeper, hour, StepRules.NONE, SHORT);
      var error = ((Outcome.Failed) recorded.outcome()).error();
      assertThat(error.code()).isEqualTo("time");

      var result = rig.replay(recorded);

      assertThat(result.differences()).isEmpty();
      assertThat(result.notes()).isEmpty();
      assertThat(end(result.outcome())).as("with the same number of milliseconds").isEqualTo(error);
    }
  }

  @Test
  void timeThatWasUpInTheGuestsOwnCodeIsMeasuredAnewAndToldSo() {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var endless = rig.guest(Guests.guest("loop"), Limits.DEFAULTS);
      var recorded = rig.record(endless, NONE, StepRules.NONE, Duration.ofMillis(80));

      var result = rig.replay(recorded);

      assertThat(result.differences()).isEmpty();
      assertThat(((Outcome.Failed) result.outcome()).error().code()).isEqualTo("time");
      assertThat(result.notes()).singleElement().asString().contains("both ran out of time");
    }
  }

  /** As on a machine that is slower than the one that recorded. */
  @Test
  void aReplayThatRanOutOfItsOwnTimeIsNotToldToHaveDepartedFromWhatItDidNotComeTo() {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var endless = rig.guest(Guests.guest("loop"), Limits.DEFAULTS);
      var recorded = rig.record(endless, NONE, StepRules.NONE, Duration.ofMillis(80));
      var was = recorded.recording();
      var entries = new ArrayList<>(was.entries());
      entries.add(new TapeEntry.TimeUp(110, true, 80, 80));
      var further =
          new Recording(
              was.origin(), was.work(), was.terms(), was.secrets(), entries, null, was.end());

      var result = rig.replay(further, recorded.module());

      assertThat(result.departures()).isEmpty();
      assertThat(result.differences()).isEmpty();
      assertThat(result.notes()).singleElement().asString().contains("both ran out of time");
    }
  }

  /** Saves one checkpoint, and then none. */
  private static final class OneCheckpoint implements StepRules {
    private int saved;

    @Override
    public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
      if (saved++ > 0) {
        return new CheckpointResult.Failed("no connection");
      }
      return new CheckpointResult.Saved(
          step.withDocument(
              Document.of(
                  step.document().text().replace("\"checkpoint\":null", "\"checkpoint\":1"))));
    }

    @Override
    public StepError validateResult(Step step, Document result, NewWork allowed) {
      return StepError.permanent("bad_taste", "the protocol does not like it");
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void whatTheProtocolMadeOfCheckpointsAndResultsIsInTheRecording(EngineName engine) {
    try (var rig = new RecordRig(engine)) {
      var scripted = rig.guest(Guests.guest("scripted"), Limits.DEFAULTS);
      for (var then :
          new String[] {
            "{\"status\":\"completed\",\"result\":\"x\"}",
            "{\"status\":\"checkpoint\",\"cursor\":2}"
          }) {
        var input =
            Document.of(
                "{\"attempt\":1,\"checkpoint\":null,\"on\":{\"status\":\"checkpoint\",\"cursor\":1},\"resume\":"
                    + then
                    + "}");
        var recorded = rig.record(scripted, input, new OneCheckpoint(), LONG);
        assertThat(end(recorded.outcome()).toString())
            .containsAnyOf("bad_taste", "checkpoint_error");

        var result = rig.replay(recorded);

        assertThat(result.differences()).isEmpty();
        assertThat(result.departures()).isEmpty();
        assertThat(end(result.outcome())).isEqualTo(end(recorded.outcome()));
      }
    }
  }

  @Test
  void aGuestThatDepartsIsToldOfWithTheNumberOfTheCall() {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var recorded =
          rig.record(rig.guest(Guests.guest("unpredictable"), Limits.DEFAULTS), NONE).recording();
      var other = rig.guest(Guests.guest("sleep"), Limits.DEFAULTS);

      var result = rig.replay(recorded, other.module());

      assertThat(result.isSame()).isFalse();
      assertThat(result.departures())
          .first()
          .asString()
          .matches("call 2: recorded clock wall: \\d+ ns; the guest asked log info: .*");
      assertThat(result.differences())
          .extracting(ReplayDifference::what)
          .contains("outcome", "log", "host calls");
    }
  }

  @Test
  void anAnswerThatWasChangedChangesTheOutcome() {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var recorded = rig.record(rig.guest(Guests.guest("unpredictable"), Limits.DEFAULTS), NONE);
      var entries = new ArrayList<>(recorded.recording().entries());
      int random = 0;
      while (!(entries.get(random) instanceof TapeEntry.RandomBytes)) {
        random++;
      }
      entries.set(random, new TapeEntry.RandomBytes(Document.of(new byte[32])));
      var was = recorded.recording();
      var changed =
          new Recording(
              was.origin(), was.work(), was.terms(), was.secrets(), entries, null, was.end());
      assertThat(RecordingWriter.write(changed)).isNotEqualTo(Recordings.bytes(recorded.bytes()));

      var result = rig.replay(changed, recorded.module());

      assertThat(result.differences()).extracting(ReplayDifference::what).containsExactly("result");
      assertThat((String) end(result.outcome())).contains("0".repeat(64));
      assertThat(result.departures()).isEmpty();
    }
  }

  @Test
  void aReplayNeitherSendsNorWaits() throws IOException {
    try (var rig = new RecordRig(EngineName.WASMTIME)) {
      var recorded = recordedWithAServer(rig);

      assertThat(recorded.recording().entries())
          .filteredOn(TapeEntry.Sent.class::isInstance)
          .singleElement()
          .satisfies(entry -> assertThat(((TapeEntry.Sent) entry).secrets()).containsExactly(0));
      var result = rig.replay(recorded);
      assertThat(result.differences()).isEmpty();
      assertThat(end(result.outcome())).isEqualTo(end(recorded.outcome()));
    }
  }

  /** The server is gone when this returns. */
  private static Recorded recordedWithAServer(RecordRig rig) throws IOException {
    try (var server = RawServer.responding("HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno")) {
      var input =
          Document.of(
              "{\"config\":{\"url\":\"%s/\",\"headers\":{\"authorization\":\"Bearer ${secrets.TOKEN}\"}},\"context\":{}}"
                  .formatted(server.url()));
      var recorded = rig.record(rig.bundled("http_request"), input);
      assertThat(server.requests()).hasSize(1);
      return recorded;
    }
  }
}
