package org.wasmbroker.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.deadletter.LetterFilter;
import org.wasmbroker.step.SafeText;
import picocli.CommandLine.Option;

/** The conditions that dead letters can be selected by; all that are given have to hold. */
final class LetterOptions {
  private static final Set<String> REASONS = Set.of("invalid", "exhausted", "poisoned");
  private static final Pattern DIGEST = Pattern.compile("(sha256:)?([0-9a-fA-F]{6,64})");
  private static final int MAX_SHOWN = 100;

  @Option(
      names = {"-e", "--error-type"},
      paramLabel = "TYPE",
      split = ",",
      description =
          "Only with this type of the last error, such as limit_exceeded. Repeatable, as are the"
              + " others; letters without an error have their reason as type.")
  private List<String> errorTypes = List.of();

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      split = ",",
      description = "Only those that are dead-lettered as invalid, exhausted or poisoned.")
  private List<String> reasons = List.of();

  @Option(
      names = "--handler",
      paramLabel = "NAME",
      split = ",",
      description = "Only those whose message names this handler.")
  private List<String> handlers = List.of();

  @Option(
      names = "--ran-version",
      paramLabel = "VERSION",
      split = ",",
      description = "Only those that ran this version last, such as 1.3.0.")
  private List<String> versions = List.of();

  @Option(
      names = "--digest",
      paramLabel = "SHA256",
      split = ",",
      description =
          "Only those that ran the module with this digest last; its first digits are enough.")
  private List<String> digests = List.of();

  @Option(
      names = "--step",
      paramLabel = "UUID",
      split = ",",
      description = "Only those of this step.")
  private List<String> steps = List.of();

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      description = "Only those that were dead-lettered at least so long ago, such as 30m or 7d.")
  private @Nullable String olderThan;

  @Option(
      names = "--newer-than",
      paramLabel = "DURATION",
      description = "Only those that were dead-lettered at most so long ago.")
  private @Nullable String newerThan;

  @Option(
      names = "--never-replayed",
      description = "Only those whose message was not sent again before.")
  private boolean neverReplayed;

  /** The conditions as given. */
  LetterFilter filter() {
    return new LetterFilter(
        Set.of(),
        steps.stream().map(LetterOptions::step).collect(Collectors.toSet()),
        reasons.stream().map(LetterOptions::reason).collect(Collectors.toSet()),
        new LinkedHashSet<>(errorTypes),
        new LinkedHashSet<>(handlers),
        new LinkedHashSet<>(versions),
        digests.stream().map(LetterOptions::digest).collect(Collectors.toSet()),
        DurationOption.parse("--older-than", olderThan),
        DurationOption.parse("--newer-than", newerThan),
        neverReplayed);
  }

  private static UUID step(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException("--step must be a UUID, was '%s'".formatted(shown(text)));
    }
  }

  private static String reason(String text) {
    if (!REASONS.contains(text)) {
      throw new UsageException(
          "--reason must be invalid, exhausted or poisoned, was '%s'".formatted(shown(text)));
    }
    return text;
  }

  private static String digest(String text) {
    var digest = DIGEST.matcher(text);
    if (!digest.matches()) {
      throw new UsageException(
          "--digest must be a SHA-256 digest or at least its first 6 hex digits, was '%s'"
              .formatted(shown(text)));
    }
    return "sha256:" + digest.group(2).toLowerCase(Locale.ROOT);
  }

  private static String shown(String text) {
    return SafeText.sanitize(text, MAX_SHOWN);
  }
}
