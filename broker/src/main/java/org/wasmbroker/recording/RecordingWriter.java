package org.wasmbroker.recording;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.WireName;

/** Writes a recording in the one form that docs/recording.md describes. */
public final class RecordingWriter {
  static final String FORMAT = "wasm-broker-recording";
  static final int VERSION = 1;

  private final ByteArrayOutputStream to = new ByteArrayOutputStream(4 << 10);

  private RecordingWriter() {}

  public static byte[] write(Recording recording) {
    var writer = new RecordingWriter();
    writer.header(recording);
    int number = 0;
    for (var entry : recording.entries()) {
      writer.entry(++number, entry);
    }
    writer.end(recording);
    return writer.to.toByteArray();
  }

  private void header(Recording recording) {
    var origin = recording.origin();
    var work = recording.work();
    var terms = recording.terms();
    try (var line = new Line(to)) {
      line.text("format", FORMAT).number("version", VERSION).text("broker", origin.broker());
      if (origin.engine() != null) {
        line.json().writeObjectPropertyStart("engine");
        line.text("name", origin.engine().name()).text("version", origin.engine().version());
        line.json().writeEndObject();
      }
      line.text("recorded_at", origin.recordedAt());
      line.json().writeObjectPropertyStart("step");
      line.text("step_uuid", work.ids().step().toString())
          .textIfAny("task_uuid", work.ids().task())
          .textIfAny("correlation_id", work.ids().correlation())
          .text("name", work.name())
          .text("handler", work.handler().toString())
          .number("attempt", work.attempt().number())
          .number("max_attempts", work.attempt().max())
          .text("timeout", work.timeout().toString());
      line.json().writeEndObject();
      line.json().writeObjectPropertyStart("module");
      line.text("handler", work.module().handler())
          .text("version", work.module().version())
          .text("digest", "sha256:" + work.module().digest());
      line.json().writeEndObject();
      line.json().writeObjectPropertyStart("limits");
      for (var kind : LimitKind.of(Scope.RUN)) {
        line.number(kind.text(), terms.limits().of(kind));
      }
      line.json().writeEndObject();
      line.number("stack_bytes", terms.stackBytes()).number("new_work", terms.newWork());
      line.json().writeArrayPropertyStart("functions");
      terms.functions().stream().sorted().forEach(line.json()::writeString);
      line.json().writeEndArray();
      line.text("time_resolution", terms.timeResolution().toString());
      line.bytes("grants", terms.grants()).bytesIfAny("output_schema", terms.outputSchema());
      line.json().writeArrayPropertyStart("secrets");
      for (var secret : recording.secrets()) {
        line.json().writeStartObject();
        line.text("name", secret.name().text()).bytes("stand_in", secret.bytes());
        line.json().writeEndObject();
      }
      line.json().writeEndArray();
      line.bytes("input", work.input());
    }
  }

  private void entry(int number, TapeEntry entry) {
    try (var line = new Line(to)) {
      line.number("n", number);
      switch (entry) {
        case TapeEntry.RunStarted _ -> line.text("entry", "run");
        case TapeEntry.TimeRead(var clock, var nanos) ->
            line.text("entry", "time").text("clock", WireName.of(clock)).number("ns", nanos);
        case TapeEntry.RandomBytes(var bytes) -> line.text("entry", "random").bytes("bytes", bytes);
        case TapeEntry.SecretRead(var name, var secret) ->
            line.text("entry", "secret").text("name", name).number("secret", secret);
        case TapeEntry.SecretRefused(var name, var error) ->
            line.text("entry", "secret").text("name", name).text("error", WireName.of(error));
        case TapeEntry.RequestBody(var bytes) ->
            line.text("entry", "request_body").bytes("bytes", bytes);
        case TapeEntry.Sent sent -> {
          request(line, sent.request(), sent.secrets());
          line.number("response", sent.response()).bytes("head", sent.head());
          after(line, sent.repeatable(), sent.used());
        }
        case TapeEntry.Unanswered none -> {
          request(line, none.request(), none.secrets());
          line.text("error", WireName.of(none.error())).bytes("document", none.document());
          after(line, none.repeatable(), none.used());
        }
        case TapeEntry.BodyRead(var response, var asked, var bytes, var used) ->
            line.text("entry", "body")
                .number("response", response)
                .number("asked", asked)
                .bytes("bytes", bytes)
                .numbers("used", used);
        case TapeEntry.BodyFailed(var response, var asked, var error, var document, var used) ->
            line.text("entry", "body")
                .number("response", response)
                .number("asked", asked)
                .text("error", WireName.of(error))
                .bytes("document", document)
                .numbers("used", used);
        case TapeEntry.CacheRead(var key, var value, var used) ->
            line.text("entry", "cache_get")
                .bytes("key", key)
                .bytesIfAny("value", value)
                .numbers("used", used);
        case TapeEntry.CacheWritten(var key, var value, var ttl, var error, var used) -> {
          line.text("entry", "cache_put").bytes("key", key).bytes("value", value);
          line.number("ttl_ms", ttl)
              .textIfAny("error", error == null ? null : WireName.of(error))
              .numbers("used", used);
        }
        case TapeEntry.CacheDeleted(var key, var existed, var used) ->
            line.text("entry", "cache_delete")
                .bytes("key", key)
                .flag("existed", existed)
                .numbers("used", used);
        case TapeEntry.FilesGiven(var given) -> line.text("entry", "files").bytes("given", given);
        case TapeEntry.CheckpointSaved(var written, var continued) ->
            line.text("entry", "checkpoint").checkpoint(written).bytes("continued", continued);
        case TapeEntry.CheckpointRefused(var written, var reason) ->
            line.text("entry", "checkpoint").checkpoint(written).textIfAny("failed", reason);
        case TapeEntry.ResultRefused(var result, var error) ->
            line.text("entry", "result").bytes("result", result).error("error", error);
        case TapeEntry.TimeUp(var call, var entering, var allowed, var used) ->
            line.text("entry", "time_up")
                .number("host_calls", call)
                .flag("entering", entering)
                .number("allowed_ms", allowed)
                .number("used_ms", used);
        case TapeEntry.Logged(var level, var message, var fields) ->
            line.text("entry", "log")
                .text("level", WireName.of(level))
                .text("message", message)
                .textIfAny("fields", fields);
      }
    }
  }

  private static void request(Line line, Document request, List<Integer> secrets) {
    line.text("entry", "http").bytes("request", request);
    line.json().writeArrayPropertyStart("secrets");
    secrets.forEach(line.json()::writeNumber);
    line.json().writeEndArray();
  }

  private static void after(Line line, boolean repeatable, Map<String, Long> used) {
    line.flag("repeatable", repeatable).numbers("used", used);
  }

  private void end(Recording recording) {
    var end = recording.end();
    try (var line = new Line(to)) {
      line.text("outcome", WireName.of(end.status())).number("entries", recording.entries().size());
      line.textIfAny("truncated", recording.truncated()).bytesIfAny("result", end.result());
      if (end.error() != null) {
        line.error("error", end.error());
      }
      usage(line, end.usage());
    }
  }

  private static void usage(Line line, Recording.Usage usage) {
    line.json().writeObjectPropertyStart("receipt");
    line.number("memory_high_water_bytes", usage.memoryHighWaterBytes())
        .number("bytes_in", usage.bytesIn())
        .number("bytes_out", usage.bytesOut())
        .number("log_lines_dropped", usage.logLinesDropped());
    line.json().writeObjectPropertyStart("host_calls");
    for (var calls : usage.hostCalls()) {
      line.json().writeObjectPropertyStart(calls.function());
      line.number("allowed", calls.allowed());
      line.number("denied", calls.denied()).number("failed", calls.failed());
      line.json().writeEndObject();
    }
    line.json().writeEndObject();
    line.json().writeObjectPropertyStart("used");
    for (var used : usage.used()) {
      line.numbers(used.capability(), used.counts());
    }
    line.json().writeEndObject();
    line.json().writeEndObject();
  }
}
