package org.wasmbroker.recording;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.host.RunTape.Clock;
import org.wasmbroker.secret.NamedStandIn;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;

/** Recordings for tests. */
public final class Recordings {
  private Recordings() {}

  /** What the buffer has, from its beginning. */
  public static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.capacity()];
    buffer.duplicate().clear().get(bytes);
    return bytes;
  }

  /** One that has every kind of entry and every member. */
  public static Recording complete() {
    var used = new LinkedHashMap<String, Long>();
    used.put("calls", 2L);
    used.put("bytes_sent", 200L);
    var more = Map.of("calls", 1L, "bytes_sent", 100L);
    var binary = Document.of(new byte[] {0, -1, '\n', 27});
    return new Recording(
        new Recording.Origin("1.2.3", new EngineInfo("wasmtime", "50.0.1"), "2026-01-01T00:00:00Z"),
        new Recording.Work(
            new StepIds(new StepId(new UUID(1, 2)), new UUID(3, 4), new UUID(5, 6)),
            "fetch it",
            new HandlerRef("http_request", "^1.0"),
            new Attempt(2, 3),
            Duration.ofMillis(1500),
            new ModuleId("http_request", "1.0.0", Digest.of(new byte[] {7})),
            Document.of("{\"config\": {\"ü\": \"\\u0001\"}}\n")),
        new Recording.Terms(
            Limits.DEFAULTS.with(LimitKind.FUEL, 12).withMemoryBytes(1 << 20),
            512 << 10,
            17,
            Set.of("read_input", "log"),
            Duration.ofMillis(1),
            Document.of("{\"class\":\"text\"}"),
            Document.of("{\"type\":\"object\"}")),
        List.of(
            new NamedStandIn(new SecretName("KEY"), Document.of("abcdefgh\n")),
            new NamedStandIn(new SecretName("KEY"), Document.of("ijklmnop"))),
        List.of(
            new TapeEntry.RunStarted(),
            new TapeEntry.TimeRead(Clock.WALL, 1_767_225_600_000_000_001L),
            new TapeEntry.TimeRead(Clock.WAIT, -1),
            new TapeEntry.RandomBytes(binary),
            new TapeEntry.SecretRead("KEY", 1),
            new TapeEntry.SecretRefused("OTHER", AbiError.DENIED),
            new TapeEntry.Sent(
                Document.of("{}"), List.of(0, 1), 1, Document.of("{\"status\":200}"), false, more),
            new TapeEntry.BodyRead(1, 4, binary, more),
            new TapeEntry.BodyRead(1, 4, Document.EMPTY, Map.of()),
            new TapeEntry.Unanswered(
                Document.of("{\"a\":1}"),
                List.of(),
                AbiError.TIMEOUT,
                Document.of("{\"type\":\"timeout\"}"),
                true,
                more),
            new TapeEntry.BodyFailed(1, 9, AbiError.IO, Document.EMPTY, Map.of()),
            new TapeEntry.Logged(GuestLog.Level.WARN, "careful", "{\"a\":1}"),
            new TapeEntry.Logged(GuestLog.Level.TRACE, "", null),
            new TapeEntry.CheckpointSaved(
                new Checkpoint(Document.of("{\"at\":1}"), 100, Document.of("[]")),
                Document.of("{\"checkpoint\":{\"at\":1}}")),
            new TapeEntry.CheckpointRefused(new Checkpoint(Document.of("2"), 0, null), "why"),
            new TapeEntry.CheckpointRefused(new Checkpoint(Document.of("3"), 0, null), null),
            new TapeEntry.ResultRefused(
                Document.of("[1,2]"),
                StepError.limitExceeded("new_work", "steps", 1, 2, false, "m")),
            new TapeEntry.TimeUp(12, true, 30_000, 30_002),
            new TapeEntry.RequestBody(Document.of("in pieces")),
            new TapeEntry.CacheRead(Document.of("k"), null, Map.of("misses", 1L)),
            new TapeEntry.CacheRead(
                Document.of("k"), Document.of(new byte[] {0, -1}), Map.of("hits", 1L)),
            new TapeEntry.CacheWritten(Document.of("k"), Document.of(""), 1, null, Map.of()),
            new TapeEntry.CacheWritten(
                Document.of("k"),
                Document.of("v"),
                Long.MAX_VALUE,
                AbiError.BUDGET,
                Map.of("refused", 1L)),
            new TapeEntry.FilesGiven(Document.of("{\"bytes\":1}")),
            new TapeEntry.CacheDeleted(Document.of("k"), true, Map.of("deletes", 1L))),
        null,
        new Recording.End(
            Recording.Status.RETRY,
            null,
            new StepError(
                "odd",
                "message\twith a tab",
                true,
                "E7",
                Duration.ofMillis(1),
                List.of("inner", "outer"),
                new ErrorContext.Json(Document.of("{\"more\":1.0}"))),
            new Recording.Usage(
                65_536,
                List.of(
                    new HostCallCount("log", 1, 2, 3), new HostCallCount("read_input", 1, 0, 0)),
                26,
                0,
                3,
                List.of(new CapabilityUsage("http", used)))));
  }
}
