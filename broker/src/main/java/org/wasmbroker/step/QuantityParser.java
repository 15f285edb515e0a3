package org.wasmbroker.step;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses durations and sizes as people write them in files and on command lines. */
public final class QuantityParser {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB)?");

  /** Its nanoseconds fit into a {@code long}. */
  private static final Duration MAX_DURATION = Duration.ofDays(36_500);

  private QuantityParser() {}

  /**
   * Such as {@code 250ms}, {@code 30s} or {@code PT5M}, up to 100 years; empty for anything else.
   */
  public static Optional<Duration> parseDuration(String text) {
    var parts = DURATION.matcher(text);
    if (!parts.matches()) {
      return parseIso(text);
    }
    long amount = Long.parseLong(parts.group(1));
    var duration =
        switch (parts.group(2)) {
          case "us" -> Duration.ofNanos(amount * 1_000);
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    return Optional.of(duration).filter(QuantityParser::isInRange);
  }

  private static Optional<Duration> parseIso(String text) {
    try {
      return Optional.of(Duration.parse(text)).filter(QuantityParser::isInRange);
    } catch (DateTimeParseException notIso) {
      return Optional.empty();
    }
  }

  private static boolean isInRange(Duration duration) {
    return !duration.isNegative() && duration.compareTo(MAX_DURATION) <= 0;
  }

  /** Bytes, such as {@code 65536} or {@code 32MiB}; empty for anything else. */
  public static Optional<Long> parseBytes(String text) {
    var parts = SIZE.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(parts.group(1));
    int bits = bits(parts.group(2));
    long bytes = amount << bits;
    return Optional.of(bytes).filter(shifted -> shifted >> bits == amount);
  }

  private static int bits(@Nullable String unit) {
    return switch (unit) {
      case "KiB" -> 10;
      case "MiB" -> 20;
      case "GiB" -> 30;
      case null, default -> 0;
    };
  }
}
