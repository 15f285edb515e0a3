package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.step.QuantityParser;

/** The types of values with a unit, and large numbers. */
final class QuantityTypes {
  private static final Pattern LONG_PATTERN = Pattern.compile("-?[0-9]{1,18}");
  private static final List<String> UNITS = List.of("", "KiB", "MiB", "GiB");

  static final SettingType<Duration> DURATION =
      new SettingType<>(
          "duration",
          "a number with us, ms, s, m, h or d, such as 30s or 250ms, or ISO-8601 such as PT5M",
          QuantityParser::parseDuration,
          QuantityTypes::format,
          SettingTypes::printable);

  /** A size in bytes, as a {@code long}. */
  static final SettingType<Long> SIZE =
      new SettingType<>(
          "size",
          "bytes, or a number with KiB, MiB or GiB, such as 32MiB",
          QuantityParser::parseBytes,
          QuantityTypes::format,
          SettingTypes::printable);

  /** A size in bytes, as an {@code int}. */
  static final SettingType<Integer> INT_SIZE =
      new SettingType<>(
          "size",
          "bytes, or a number with KiB or MiB, such as 64KiB, and less than 2GiB",
          text ->
              QuantityParser.parseBytes(text)
                  .filter(bytes -> bytes <= Integer.MAX_VALUE)
                  .map(Long::intValue),
          bytes -> format((long) bytes),
          SettingTypes::printable);

  /** A whole number, as a {@code long}. */
  static final SettingType<Long> LONG =
      new SettingType<>(
          "number",
          "a whole number",
          text ->
              LONG_PATTERN.matcher(text).matches()
                  ? Optional.of(Long.valueOf(text))
                  : Optional.empty(),
          String::valueOf,
          SettingTypes::printable);

  private QuantityTypes() {}

  private static String format(Duration duration) {
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

  private static String format(long bytes) {
    long amount = bytes;
    int unit = 0;
    while (unit < UNITS.size() - 1 && amount != 0 && amount % 1024 == 0) {
      amount /= 1024;
      unit++;
    }
    return amount + UNITS.get(unit);
  }
}
