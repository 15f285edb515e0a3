package org.wasmbroker.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.StepRecorder.StepRecording;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Checkpoint;
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
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Reason;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.ManualTime;

/** What a guest and its servers can do with a secret: none of it is in a recording. */
class MaskingTest {
  private static final String VALUE = "pass/word+with \"quotes\" & ümlaut";
  private static final SecretName NAME = new SecretName("KEY");

  private final List<Object> events = new ArrayList<>();
  private final Deque<ByteBuffer> written = new ArrayDeque<>();
  private final EchoingServer server = new EchoingServer();
  private final Step step =
      new Step(
          new StepIds(new StepId(UUID.randomUUID()), null, null),
          "handler",
          new HandlerRef("handler", null),
          new Attempt(1, 1),
          Duration.ofSeconds(1),
          Document.of("{\"context\":\"the input has " + jsonEscaped(VALUE) + " in it\"}"),
          new Unclaimed(),
          new ManualTime().now(),
          TraceContext.NONE);
  private final ModuleId module =
      new ModuleId("handler", "1.0.0", new WasmBinary(new byte[] {1}).digest());
  private final StepSecrets secrets =
      new StepSecrets(
          Map.of(NAME, new SecretGrant(NAME, true, List.of())),
          SecretStore.open(
              SecretsConfig.DEFAULTS, Map.of("WASM_BROKER_SECRET_KEY", VALUE), TimeSource.SYSTEM),
          module,
          step,
          EventSink.NONE);
  private final StepRecording recording = Objects.requireNonNull(open());

  private record Unclaimed() implements Claim {}

  private static final RunDeadline NO_DEADLINE =
      new RunDeadline() {
        @Override
        public long remainingNanos() {
          return Long.MAX_VALUE;
        }

        @Override
        public Cancellation cancellation() {
          return new Cancellation();
        }
      };

  @AfterEach
  void close() {
    secrets.close();
  }

  private @Nullable StepRecording open() {
    var engine = new FakeEngine().with("fake", FakeEngine.writing("{}"));
    var compiled = engine.compile(new WasmBinary("fake".getBytes(UTF_8)), Limits.DEFAULTS);
    return new Recorder(
            RecordingConfig.ofEverything(1 << 20),
            "test",
            512 << 10,
            (_, bytes) -> written.add(bytes),
            new ManualTime(),
            events::add)
        .open(
            step,
            new Resolved(module, compiled, Grants.NONE, null),
            new Access(Set.of(), List.of(secrets, server)));
  }

  /** Answers with what it is told to, in pieces. */
  private static final class EchoingServer implements GuestHttp {
    private byte[] body = {};
    private int piece = 1000;
    private String head = "{}";

    @Override
    public GuestHttpResponse send(byte[] request, @Nullable Document written, RunDeadline clock)
        throws CallRefusedException {
      if (new String(request, UTF_8).contains("refuse")) {
        throw new CallRefusedException(
            AbiError.IO, "", Document.of("{\"message\":\"" + jsonEscaped(VALUE) + "\"}"));
      }
      return new GuestHttpResponse() {
        private int at;

        @Override
        public Document head() {
          return Document.of(head);
        }

        @Override
        public int read(byte[] into, RunDeadline deadline) {
          int count = Math.min(Math.min(piece, into.length), body.length - at);
          System.arraycopy(body, at, into, 0, count);
          at += count;
          return count;
        }

        @Override
        public void close() {}
      };
    }
  }

  private GuestHttp http() {
    return Objects.requireNonNull(recording.access().find(GuestHttp.class));
  }

  private byte[] read() throws CallRefusedException {
    return Objects.requireNonNull(recording.access().find(GuestSecrets.class)).read("KEY");
  }

  private void readBody(GuestHttpResponse response, int room) throws CallRefusedException {
    while (response.read(new byte[room], NO_DEADLINE) > 0) {}
  }

  private String end() {
    var _ =
        recording.end(
            new Outcome.Failed(
                step,
                StepError.permanent("broken", "it is"),
                false,
                step.readyAt(),
                Receipt.none(Duration.ZERO)));
    return new String(Recordings.bytes(Objects.requireNonNull(written.poll(), "dropped")), UTF_8);
  }

  private static String jsonEscaped(String text) {
    return text.replace("\"", "\\\"");
  }

  private static void assertClean(String file) {
    var bytes = VALUE.getBytes(UTF_8);
    var digits = Base64.getEncoder().withoutPadding().encodeToString(bytes);
    assertThat(file)
        .doesNotContain("pass/word")
        .doesNotContain("quotes")
        .doesNotContain(HexFormat.of().formatHex(bytes))
        .doesNotContain(HexFormat.of().withUpperCase().formatHex(bytes))
        .doesNotContain(digits.substring(0, digits.length() - 2))
        .doesNotContain(URLEncoder.encode(VALUE, UTF_8));
  }

  @Test
  void noFormOfASecretIsInARecording() throws CallRefusedException {
    var value = new String(read(), UTF_8);
    assertThat(value).as("the guest gets the real one").isEqualTo(VALUE);
    var bytes = VALUE.getBytes(UTF_8);
    var forms =
        List.of(
            jsonEscaped(VALUE),
            VALUE,
            URLEncoder.encode(VALUE, UTF_8),
            HexFormat.of().formatHex(bytes),
            HexFormat.of().withUpperCase().formatHex(bytes),
            Base64.getEncoder().encodeToString(bytes),
            Base64.getEncoder().encodeToString(("user:" + VALUE).getBytes(UTF_8)),
            Base64.getUrlEncoder().encodeToString(bytes),
            Arrays.toString(bytes));
    for (var form : forms) {
      server.body = ("before " + form + " after").getBytes(UTF_8);
      server.head = "{\"headers\":{\"x-echo\":[\"" + form + "\"]}}";
      var response =
          http()
              .send(
                  ("{\"url\":\"http://a/?q="
                          + form
                          + "\",\"headers\":{\"x\":\""
                          + form
                          + "\"},\"body\":\""
                          + form
                          + "\"}")
                      .getBytes(UTF_8),
                  NO_DEADLINE);
      readBody(response, 64);
    }
    var rules = recording.rules(new SavingRules());
    for (var form : forms) {
      var _ =
          rules.saveCheckpoint(
              step, module, new Checkpoint(Document.of("\"" + form + "\""), 1, Document.of(form)));
      var _ = rules.validateResult(step, Document.of("\"" + form + "\""), NewWork.batches(1));
    }
    assertClean(end());
  }

  private static final class SavingRules implements StepRules {
    @Override
    public StepError validateResult(Step step, Document result, NewWork allowed) {
      return StepError.permanent("no", "no");
    }

    @Override
    public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
      return new CheckpointResult.Saved(step.withDocument(checkpoint.cursor()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void aBodyIsMaskedWhateverPiecesItIsReadIn(int piece) throws CallRefusedException {
    var _ = read();
    server.piece = piece;
    server.body =
        ("xx" + VALUE + "yy" + Base64.getEncoder().encodeToString(VALUE.getBytes(UTF_8)))
            .getBytes(UTF_8);
    readBody(http().send("{}".getBytes(UTF_8), NO_DEADLINE), 1000);

    var file = end();
    assertClean(file);
    assertThat(body(file))
        .as("with the same number of bytes")
        .hasSize(server.body.length)
        .startsWith('x', 'x');
  }

  @Test
  void theBeginningOfAValueAtTheEndOfWhatWasReadIsMasked() throws CallRefusedException {
    var _ = read();
    server.body = ("xx" + VALUE).getBytes(UTF_8);
    var response = http().send("{}".getBytes(UTF_8), NO_DEADLINE);
    var _ = response.read(new byte[12], NO_DEADLINE);

    assertThat(new String(body(end()), UTF_8)).isEqualTo("xx**********");
  }

  private static byte[] body(String file) {
    try {
      var all = new ByteArrayOutputStream();
      for (var entry : RecordingReader.read(file.getBytes(UTF_8)).entries()) {
        if (entry instanceof TapeEntry.BodyRead read) {
          all.writeBytes(read.bytes().bytes());
        }
      }
      return all.toByteArray();
    } catch (UnusableRecordingException broken) {
      throw new AssertionError(file, broken);
    }
  }

  @Test
  void aStandInHasTheLengthOfTheValueAndNothingElseOfIt()
      throws CallRefusedException, UnusableRecordingException {
    var _ = read();
    var read = RecordingReader.read(end().getBytes(UTF_8));

    var standIn = read.secrets().getFirst().bytes().text();
    assertThat(standIn).hasSize(VALUE.getBytes(UTF_8).length).matches("[a-z2-7]+");
    assertThat(read.work().input().text())
        .as("the input is masked, since it has a value that the step was given")
        .doesNotContain("word");
    assertThat(read.entries()).containsExactly(new TapeEntry.SecretRead("KEY", 0));
  }

  @Test
  void whatIsRefusedAndAskedForIsMaskedToo() throws CallRefusedException {
    var value = new String(read(), UTF_8);
    BiFunction<GuestSecrets, String, Boolean> refuses =
        (guest, name) -> {
          try {
            return guest.read(name).length < 0;
          } catch (CallRefusedException refused) {
            return true;
          }
        };
    var guest = Objects.requireNonNull(recording.access().find(GuestSecrets.class));
    assertThat(refuses.apply(guest, value)).isTrue();
    try {
      http().send("refuse".getBytes(UTF_8), NO_DEADLINE).close();
    } catch (CallRefusedException refused) {
      assertThat(refused.document().text()).as("a server's own words").contains("quotes");
    }
    assertClean(end());
  }

  /** No guest can bring this about: what is logged was cleared before. */
  @Test
  void aRecordingInWhichAValueIsLeftIsDropped() throws CallRefusedException {
    var value = new String(read(), UTF_8);
    recording
        .logs(_ -> GuestLog.NONE)
        .apply(step)
        .line(GuestLog.Level.INFO, "not cleared: " + value, null);
    var outcome =
        recording.end(
            new Outcome.Failed(
                step,
                StepError.permanent("broken", "it is"),
                false,
                step.readyAt(),
                Receipt.none(Duration.ZERO)));

    assertThat(written).isEmpty();
    assertThat(outcome.receipt().recording()).isNull();
    assertThat(events).containsExactly(new RecordingEvent.Dropped(Reason.SECRET));
  }
}
