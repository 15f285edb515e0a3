package org.wasmbroker.replay;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.WireName;

/** Entries as a person reads them, on one line. */
final class EntryText {
  private static final int MAX_CHARS = 300;
  private static final int MAX_BYTES = 600;

  private EntryText() {}

  static String of(TapeEntry entry) {
    return switch (entry) {
      case TapeEntry.RunStarted _ -> "a run begins";
      case TapeEntry.TimeRead(var clock, var nanos) ->
          "clock %s: %d ns".formatted(WireName.of(clock), nanos);
      case TapeEntry.RandomBytes(var bytes) -> "random: " + hex(bytes);
      case TapeEntry.SecretRead(var name, var _) -> "secret " + text(name);
      case TapeEntry.SecretRefused(var name, var error) ->
          "secret %s: %s".formatted(text(name), WireName.of(error));
      case TapeEntry.RequestBody(var bytes) ->
          "request body of %d bytes, %s".formatted(bytes.size(), text(bytes));
      case TapeEntry.Sent sent ->
          "http %s: response %d, %s"
              .formatted(text(sent.request()), sent.response(), text(sent.head()));
      case TapeEntry.Unanswered none ->
          "http %s: %s %s"
              .formatted(text(none.request()), WireName.of(none.error()), text(none.document()));
      case TapeEntry.BodyRead read ->
          "body of response %d, up to %d bytes: %d bytes, %s"
              .formatted(read.response(), read.asked(), read.bytes().size(), text(read.bytes()));
      case TapeEntry.BodyFailed failed ->
          "body of response %d: %s %s"
              .formatted(failed.response(), WireName.of(failed.error()), text(failed.document()));
      case TapeEntry.CacheRead(var key, var value, var _) ->
          "cache %s: %s".formatted(text(key), value == null ? "nothing" : text(value));
      case TapeEntry.CacheWritten(var key, var value, var ttl, var error, var _) ->
          "cache %s: put %s for %d ms%s"
              .formatted(
                  text(key), text(value), ttl, error == null ? "" : ", " + WireName.of(error));
      case TapeEntry.CacheDeleted(var key, var existed, var _) ->
          "cache %s: deleted%s".formatted(text(key), existed ? "" : ", though nothing was there");
      case TapeEntry.FilesGiven(var given) ->
          "files: %d bytes, %s".formatted(given.size(), text(given));
      case TapeEntry.CheckpointSaved(var written, var _) ->
          "checkpoint %s: saved".formatted(text(written.cursor()));
      case TapeEntry.CheckpointRefused(var written, var reason) ->
          "checkpoint %s: not saved%s"
              .formatted(text(written.cursor()), reason == null ? "" : ", " + text(reason));
      case TapeEntry.ResultRefused(var result, var error) ->
          "result %s: refused, %s".formatted(text(result), text(error.type()));
      case TapeEntry.TimeUp(var call, var entering, var allowed, var used) ->
          "the time of %d ms was up after %d ms, %s host call %d"
              .formatted(allowed, used, entering ? "before" : "in", entering ? call + 1 : call);
      case TapeEntry.Logged(var level, var message, var fields) ->
          "log %s: %s%s"
              .formatted(
                  WireName.of(level), text(message), fields == null ? "" : " " + text(fields));
    };
  }

  static String text(Document bytes) {
    var start = new byte[Math.min(bytes.size(), MAX_BYTES)];
    System.arraycopy(bytes.bytes(), 0, start, 0, start.length);
    return text(Document.of(start).bytes());
  }

  private static String text(byte[] bytes) {
    return text(new String(bytes, StandardCharsets.UTF_8));
  }

  static String text(String text) {
    return SafeText.sanitize(text, MAX_CHARS);
  }

  private static String hex(Document bytes) {
    int shown = Math.min(bytes.size(), 32);
    return "%d bytes, %s%s"
        .formatted(
            bytes.size(),
            HexFormat.of().formatHex(bytes.bytes(), 0, shown),
            shown < bytes.size() ? "…" : "");
  }
}
