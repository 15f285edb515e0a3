package org.wasmbroker.registry.trust;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Version;

/** Reads the file of the approvals as a whole: one entry that is wrong makes all of it wrong. */
final class ApprovalsReader {
  static final int MAX_BYTES = 4 << 20;
  private static final int MAX_TEXT = 200;
  private static final String PREFIX = "sha256:";
  private static final DocumentReader YAML =
      new DocumentReader(Syntax.YAML, MAX_BYTES, 5).withScalarsAsText();

  private ApprovalsReader() {}

  static ApprovalsFile.Reading read(String source, byte[] bytes) {
    var document = YAML.read(source, bytes);
    if (!document.hasProblems()) {
      var root = document.object();
      var approvals = root.items("approvals", item -> approval(item.object()));
      root.finish();
      if (!document.hasProblems()) {
        return new ApprovalsFile.Reading.Valid(Approvals.of(approvals));
      }
    }
    return new ApprovalsFile.Reading.Invalid(document.problems());
  }

  private static Optional<Approval> approval(ObjectReader entry) {
    var digest = required(entry, "digest", ApprovalsReader::digest);
    var handler = required(entry, "handler", text -> new HandlerRef(text, null).name());
    var version = required(entry, "version", Version::parse);
    var by = required(entry, "by", ApprovalsReader::text);
    var at = required(entry, "at", ApprovalsReader::moment);
    var reason = entry.value("reason", ApprovalsReader::text);
    entry.finish();
    return digest == null || handler == null || version == null || by == null || at == null
        ? Optional.empty()
        : Optional.of(new Approval(digest, new ReleaseId(handler, version), by, at, reason));
  }

  private static <T> @Nullable T required(
      ObjectReader entry, String name, Function<String, T> parse) {
    if (!entry.has(name)) {
      entry.problem("has no " + name);
    }
    return entry.value(name, parse);
  }

  private static Digest digest(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "must be sha256: and 64 hex digits, was '" + SafeText.sanitize(text, 80) + "'");
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  private static String text(String text) {
    var safe = SafeText.sanitize(text, MAX_TEXT).strip();
    if (safe.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    return safe;
  }

  private static Instant moment(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException invalid) {
      throw new IllegalArgumentException(
          "must be a moment such as 2027-03-31T18:00:00Z, was '%s'"
              .formatted(SafeText.sanitize(text, 60)),
          invalid);
    }
  }
}
