package org.wasmbroker.capability;

import java.time.Duration;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** A number of calls per unit of time, such as {@code 10/s}, {@code 600/m} or {@code 1000/h}. */
public record Rate(int calls, Duration per) {
  private static final int MAX_CALLS = 1_000_000;
  private static final Pattern SHAPE = Pattern.compile("([1-9][0-9]{0,6})/([smh])");

  public Rate {
    if (calls < 1 || calls > MAX_CALLS) {
      throw new IllegalArgumentException("a rate is 1 to " + MAX_CALLS + " calls, was " + calls);
    }
    if (!per.isPositive() || per.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("a rate is for at most an hour, was " + per);
    }
  }

  /**
   * @throws IllegalArgumentException if it is not a valid rate; the message says why
   */
  public static Rate parse(String text) {
    var parts = SHAPE.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "a rate is calls per second, minute or hour, such as 10/s, 600/m or 1000/h, was '"
              + SafeText.sanitize(text, 50)
              + "'");
    }
    var per =
        switch (parts.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    return new Rate(Integer.parseInt(parts.group(1)), per);
  }

  @Override
  public String toString() {
    return calls
        + "/"
        + (per.equals(Duration.ofSeconds(1))
            ? "s"
            : per.equals(Duration.ofMinutes(1))
                ? "m"
                : per.equals(Duration.ofHours(1)) ? "h" : per.toString());
  }
}
