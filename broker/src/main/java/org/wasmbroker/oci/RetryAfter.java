package org.wasmbroker.oci;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a registry wants to be left alone. */
final class RetryAfter {
  /** Whatever it says: afterwards it is asked again. */
  static final Duration MAX = Duration.ofMinutes(10);

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,18}");

  private RetryAfter() {}

  /**
   * @param header seconds or a date, or null
   * @return null if it does not say
   */
  static @Nullable Duration parse(@Nullable String header, Instant now) {
    if (header == null) {
      return null;
    }
    var text = header.strip();
    if (SECONDS.matcher(text).matches()) {
      return capped(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      var date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return capped(Duration.between(now, date));
    } catch (DateTimeException | ArithmeticException notADate) {
      return null;
    }
  }

  private static Duration capped(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(MAX) > 0 ? MAX : wait;
  }
}
