package org.wasmbroker.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds of values that have a unit: durations and sizes. */
final class Amounts {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB)?");

  static final Kind<Duration> DURATION_OF_TIME =
      new Kind<>(
          "duration",
          "a number with us, ms, s, m, h or d, such as 30s or 250ms, or ISO-8601 such as PT5M",
          Amounts::duration,
          Amounts::text,
          Kinds::cut);

  /** Bytes, to be counted in a {@code long}. */
  static final Kind<Long> SIZE_IN_BYTES =
      new Kind<>(
          "size",
          "bytes, or a number with KiB, MiB or GiB, such as 32MiB",
          Amounts::size,
          Amounts::text,
          Kinds::cut);

  /** Bytes, to be counted in an {@code int}. */
  static final Kind<Integer> SMALL_SIZE_IN_BYTES =
      new Kind<>(
          "size",
          "bytes, or a number with KiB or MiB, such as 64KiB, and less than 2GiB",
          text -> size(text).filter(bytes -> bytes <= Integer.MAX_VALUE).map(Long::intValue),
          bytes -> text((long) bytes),
          Kinds::cut);

  /** A whole number that may be a large one. */
  static final Kind<Long> COUNT =
      new Kind<>(
          "number",
          "a whole number",
          text ->
              WHOLE.matcher(text).matches() ? Optional.of(Long.valueOf(text)) : Optional.empty(),
          String::valueOf,
          Kinds::cut);

  private Amounts() {}

  private static Optional<Duration> duration(String text) {
    var parts = DURATION.matcher(text);
    if (!parts.matches()) {
      return iso(text);
    }
    long amount = Long.parseLong(parts.group(1));
    return Optional.of(
        switch (parts.group(2)) {
          case "us" -> Duration.ofNanos(amount * 1_000);
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        });
  }

  private static Optional<Duration> iso(String text) {
    try {
      return Optional.of(Duration.parse(text)).filter(duration -> !duration.isNegative());
    } catch (DateTimeParseException notOne) {
      return Optional.empty();
    }
  }

  private static String text(Duration duration) {
    long micros = duration.toNanos() / 1_000;
    if (micros % 1_000 != 0) {
      return micros + "us";
    }
    long millis = duration.toMillis();
    if (millis % 1_000 != 0 || millis == 0) {
      return millis + "ms";
    }
    long seconds = duration.toSeconds();
    return seconds % 3_600 == 0
        ? seconds / 3_600 + "h"
        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private static Optional<Long> size(String text) {
    var parts = SIZE.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(parts.group(1));
    long bytes = amount << bits(parts.group(2));
    return Optional.of(bytes).filter(shifted -> shifted >> bits(parts.group(2)) == amount);
  }

  private static int bits(@Nullable String unit) {
    return switch (unit) {
      case "KiB" -> 10;
      case "MiB" -> 20;
      case "GiB" -> 30;
      case null, default -> 0;
    };
  }

  private static String text(long bytes) {
    for (var unit : new String[] {"GiB", "MiB", "KiB"}) {
      if (bytes != 0 && bytes % (1L << bits(unit)) == 0) {
        return (bytes >> bits(unit)) + unit;
      }
    }
    return String.valueOf(bytes);
  }
}
