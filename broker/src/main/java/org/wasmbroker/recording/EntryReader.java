package org.wasmbroker.recording;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.host.RunTape.Clock;

/** Reads the lines between the first and the last of a recording. */
final class EntryReader {
  private final int secrets;
  private int responses;

  /**
   * @param secrets how many values the recording's table has
   */
  EntryReader(int secrets) {
    this.secrets = secrets;
  }

  /**
   * @param number that the entry must have
   */
  TapeEntry read(LineObject line, int number) throws UnusableRecordingException {
    if (line.number("n", 1, Integer.MAX_VALUE) != number) {
      throw new UnusableRecordingException(
          "entry %d has another number: lines are missing, or out of order".formatted(number));
    }
    var entry = read(line);
    line.finish();
    return entry;
  }

  private TapeEntry read(LineObject line) throws UnusableRecordingException {
    var kind = line.text("entry");
    return switch (kind) {
      case "run" -> new TapeEntry.RunStarted();
      case "time" ->
          new TapeEntry.TimeRead(
              line.oneOf("clock", Clock.class), line.number("ns", Long.MIN_VALUE, Long.MAX_VALUE));
      case "random" -> new TapeEntry.RandomBytes(line.bytes("bytes"));
      case "secret" ->
          line.has("error")
              ? new TapeEntry.SecretRefused(line.text("name"), line.oneOf("error", AbiError.class))
              : new TapeEntry.SecretRead(
                  line.text("name"), (int) line.number("secret", 0, secrets - 1L));
      case "request_body" -> new TapeEntry.RequestBody(line.bytes("bytes"));
      case "http" -> http(line);
      case "body" -> body(line);
      case "cache_get" ->
          new TapeEntry.CacheRead(
              line.bytes("key"), line.bytesIfAny("value"), line.numbers("used"));
      case "cache_put" ->
          new TapeEntry.CacheWritten(
              line.bytes("key"),
              line.bytes("value"),
              line.number("ttl_ms", 1, Long.MAX_VALUE),
              line.has("error") ? line.oneOf("error", AbiError.class) : null,
              line.numbers("used"));
      case "cache_delete" ->
          new TapeEntry.CacheDeleted(line.bytes("key"), line.flag("existed"), line.numbers("used"));
      case "files" -> new TapeEntry.FilesGiven(line.bytes("given"));
      case "checkpoint" ->
          line.has("continued")
              ? new TapeEntry.CheckpointSaved(line.checkpoint(), line.bytes("continued"))
              : new TapeEntry.CheckpointRefused(line.checkpoint(), line.textIfAny("failed"));
      case "result" -> new TapeEntry.ResultRefused(line.bytes("result"), line.error("error"));
      case "time_up" ->
          new TapeEntry.TimeUp(
              line.number("host_calls", 0, Long.MAX_VALUE),
              line.flag("entering"),
              line.number("allowed_ms", 0, Long.MAX_VALUE),
              line.number("used_ms", 0, Long.MAX_VALUE));
      case "log" ->
          new TapeEntry.Logged(
              line.oneOf("level", GuestLog.Level.class),
              line.text("message"),
              line.textIfAny("fields"));
      default ->
          throw new UnusableRecordingException(
              "the entry has a kind that this broker does not know; replay it with the version that"
                  + " recorded it");
    };
  }

  private TapeEntry http(LineObject line) throws UnusableRecordingException {
    var request = line.bytes("request");
    var filled = filled(line);
    if (line.has("error")) {
      return new TapeEntry.Unanswered(
          request,
          filled,
          line.oneOf("error", AbiError.class),
          line.bytes("document"),
          line.flag("repeatable"),
          line.numbers("used"));
    }
    responses++;
    return new TapeEntry.Sent(
        request,
        filled,
        (int) line.number("response", responses, responses),
        line.bytes("head"),
        line.flag("repeatable"),
        line.numbers("used"));
  }

  private List<Integer> filled(LineObject line) throws UnusableRecordingException {
    var numbers = new ArrayList<Integer>();
    for (var element : line.array("secrets")) {
      var json = element.json();
      if (!json.isInt() || json.intValue() < 0 || json.intValue() >= secrets) {
        throw new UnusableRecordingException(
            "%s must be the number of a secret, 0 to %d"
                .formatted(element.pointer().display(), secrets - 1));
      }
      numbers.add(json.intValue());
    }
    return numbers;
  }

  private TapeEntry body(LineObject line) throws UnusableRecordingException {
    int response = (int) line.number("response", 1, responses);
    int asked = (int) line.number("asked", 0, 1 << 20);
    if (line.has("error")) {
      return new TapeEntry.BodyFailed(
          response,
          asked,
          line.oneOf("error", AbiError.class),
          line.bytes("document"),
          line.numbers("used"));
    }
    var bytes = line.bytes("bytes");
    if (bytes.size() > asked) {
      throw new UnusableRecordingException(
          "the entry has %d bytes of a body; the guest had room for %d"
              .formatted(bytes.size(), asked));
    }
    return new TapeEntry.BodyRead(response, asked, bytes, line.numbers("used"));
  }
}
