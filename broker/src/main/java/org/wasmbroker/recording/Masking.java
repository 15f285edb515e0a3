package org.wasmbroker.recording;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;

/**
 * Replaces the values of secrets in what was recorded, by something as long. The pieces of a body
 * are looked at together, since a value may be cut in any place. What the guest logged and how the
 * step ended has been cleared of them before.
 */
final class Masking {
  private static final byte[] NONE = {};

  private final @Nullable StepSecrets secrets;

  /**
   * @param secrets that the step was given, or null if it could not be given any
   */
  Masking(@Nullable StepSecrets secrets) {
    this.secrets = secrets;
  }

  Document masked(Document text) {
    return masked(text, false);
  }

  private Document masked(Document text, boolean truncated) {
    return secrets == null ? text : Document.of(secrets.masked(text.bytes(), truncated));
  }

  private String masked(String text) {
    return secrets == null
        ? text
        : new String(
            secrets.masked(text.getBytes(StandardCharsets.UTF_8), false), StandardCharsets.UTF_8);
  }

  private @Nullable Document maskedIfAny(@Nullable Document text) {
    return text == null ? null : masked(text);
  }

  List<TapeEntry> masked(List<TapeEntry> entries) {
    if (secrets == null || secrets.standIns().isEmpty()) {
      return entries;
    }
    var bodies = new Bodies(entries);
    var masked = new ArrayList<TapeEntry>(entries.size());
    for (var entry : entries) {
      masked.add(masked(entry, bodies));
    }
    return masked;
  }

  private TapeEntry masked(TapeEntry entry, Bodies bodies) {
    return switch (entry) {
      case TapeEntry.SecretRead read ->
          new TapeEntry.SecretRead(masked(read.name()), read.number());
      case TapeEntry.SecretRefused refused ->
          new TapeEntry.SecretRefused(masked(refused.name()), refused.error());
      case TapeEntry.RequestBody body -> new TapeEntry.RequestBody(masked(body.bytes()));
      case TapeEntry.Sent sent ->
          new TapeEntry.Sent(
              masked(sent.request()),
              sent.secrets(),
              sent.response(),
              masked(sent.head()),
              sent.repeatable(),
              sent.used());
      case TapeEntry.Unanswered none ->
          new TapeEntry.Unanswered(
              masked(none.request()),
              none.secrets(),
              none.error(),
              masked(none.document()),
              none.repeatable(),
              none.used());
      case TapeEntry.BodyRead read ->
          new TapeEntry.BodyRead(read.response(), read.asked(), bodies.next(read), read.used());
      case TapeEntry.BodyFailed failed ->
          new TapeEntry.BodyFailed(
              failed.response(),
              failed.asked(),
              failed.error(),
              masked(failed.document()),
              failed.used());
      case TapeEntry.CacheRead read ->
          new TapeEntry.CacheRead(masked(read.key()), maskedIfAny(read.value()), read.used());
      case TapeEntry.CacheWritten written ->
          new TapeEntry.CacheWritten(
              masked(written.key()),
              masked(written.value()),
              written.ttlMillis(),
              written.error(),
              written.used());
      case TapeEntry.CacheDeleted deleted ->
          new TapeEntry.CacheDeleted(masked(deleted.key()), deleted.existed(), deleted.used());
      case TapeEntry.FilesGiven files -> new TapeEntry.FilesGiven(masked(files.given()));
      case TapeEntry.CheckpointSaved saved ->
          new TapeEntry.CheckpointSaved(masked(saved.written()), masked(saved.continued()));
      case TapeEntry.CheckpointRefused refused ->
          new TapeEntry.CheckpointRefused(masked(refused.written()), refused.reason());
      case TapeEntry.ResultRefused refused ->
          new TapeEntry.ResultRefused(masked(refused.result()), refused.error());
      case TapeEntry.RunStarted _,
          TapeEntry.TimeRead _,
          TapeEntry.RandomBytes _,
          TapeEntry.TimeUp _,
          TapeEntry.Logged _ ->
          entry;
    };
  }

  private Checkpoint masked(Checkpoint written) {
    return new Checkpoint(
        masked(written.cursor()), written.itemsProcessed(), maskedIfAny(written.accumulated()));
  }

  /** The bodies of all responses, masked whole and handed out in the pieces that were read. */
  private final class Bodies {
    private final Map<Integer, byte[]> whole = new HashMap<>();
    private final Map<Integer, Integer> position = new HashMap<>();

    Bodies(List<TapeEntry> entries) {
      var read = new HashMap<Integer, ByteArrayOutputStream>();
      var ended = new HashSet<Integer>();
      for (var entry : entries) {
        if (entry instanceof TapeEntry.BodyRead piece) {
          if (piece.asked() > 0 && piece.bytes().size() == 0) {
            ended.add(piece.response());
          }
          read.computeIfAbsent(piece.response(), _ -> new ByteArrayOutputStream())
              .writeBytes(piece.bytes().bytes());
        }
      }
      read.forEach(
          (response, bytes) ->
              whole.put(
                  response,
                  masked(Document.of(bytes.toByteArray()), !ended.contains(response)).bytes()));
    }

    Document next(TapeEntry.BodyRead piece) {
      int from = position.getOrDefault(piece.response(), 0);
      int to = from + piece.bytes().size();
      position.put(piece.response(), to);
      return Document.of(Arrays.copyOfRange(whole.getOrDefault(piece.response(), NONE), from, to));
    }
  }
}
