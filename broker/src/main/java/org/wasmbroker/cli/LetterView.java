package org.wasmbroker.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.deadletter.LetterCount;
import org.wasmbroker.protocol.standalone.deadletter.LetterSummary;
import org.wasmbroker.step.SafeText;

/** How dead letters are shown. Whoever sent them chose their texts, so all are sanitized. */
final class LetterView {
  private static final int MAX_CELL = 40;
  private static final int MAX_ERROR = 100;
  private static final int DIGEST_CHARS = 19; // sha256: and 12 digits

  private LetterView() {}

  static Map<String, @Nullable Object> json(LetterSummary letter) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("id", letter.id());
    document.put("dead_lettered_at", letter.at().toString());
    document.put("age_seconds", letter.age().toSeconds());
    document.put("reason", letter.reason());
    document.put("error_type", letter.errorType());
    document.put("error", letter.error());
    document.put("step_uuid", letter.step());
    document.put("handler", letter.handler());
    document.put("version", letter.version());
    document.put("digest", letter.digest());
    document.put("attempts", letter.attempts());
    document.put("replays", letter.replays());
    document.put("held_until", letter.heldUntil() == null ? null : letter.heldUntil().toString());
    return document;
  }

  static Map<String, Object> json(LetterCount count) {
    var document = new LinkedHashMap<String, Object>();
    document.put("error_type", count.errorType());
    document.put("letters", count.letters());
    document.put("first", count.first().toString());
    document.put("last", count.last().toString());
    return document;
  }

  /** A table of letters. */
  static void print(Console console, List<LetterSummary> letters) {
    var table =
        new TextTable(
            "ID", "AGE", "REASON", "ERROR TYPE", "HANDLER", "RAN", "TRIES", "STEP", "ERROR");
    for (var letter : letters) {
      table.row(
          String.valueOf(letter.id()),
          age(letter.age()),
          cell(letter.reason()),
          cell(letter.errorType()),
          cell(letter.handler()),
          ran(letter),
          tries(letter),
          cell(letter.step()),
          SafeText.sanitize(letter.error(), MAX_ERROR));
    }
    table.print(console);
  }

  /** How many there are of each error type. */
  static void printCounts(Console console, List<LetterCount> counts) {
    var table = new TextTable("ERROR TYPE", "LETTERS", "FIRST", "LAST");
    for (var count : counts) {
      table.row(
          cell(count.errorType()),
          String.valueOf(count.letters()),
          seconds(count.first()),
          seconds(count.last()));
    }
    table.print(console);
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String ran(LetterSummary letter) {
    if (letter.version() == null) {
      return "-";
    }
    var digest = letter.digest() == null ? "" : " " + letter.digest();
    return cell(letter.version())
        + SafeText.sanitize(digest.substring(0, Math.min(digest.length(), DIGEST_CHARS + 1)), 30);
  }

  private static String tries(LetterSummary letter) {
    return letter.replays() == 0
        ? String.valueOf(letter.attempts())
        : "%d (replay %d)".formatted(letter.attempts(), letter.replays());
  }

  /** One word, also if the sender had another idea. */
  static String cell(@Nullable String text) {
    return text == null || text.isBlank() ? "-" : SafeText.sanitize(text, MAX_CELL).strip();
  }

  /** In the largest unit of which there are at least two. */
  static String age(Duration age) {
    if (age.toDays() >= 2) {
      return age.toDays() + "d";
    }
    if (age.toHours() >= 2) {
      return age.toHours() + "h";
    }
    return age.toMinutes() >= 2 ? age.toMinutes() + "m" : age.toSeconds() + "s";
  }
}
