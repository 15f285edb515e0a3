package org.wasmbroker.recording;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Rate;

/**
 * Which steps are recorded, and what is kept of them.
 *
 * @param handlers whose steps are recorded; none by default
 * @param percent the share of their steps, from 0 to 100
 * @param on of which outcomes
 * @param rate how many are written at most; what is beyond it is dropped
 * @param largestBytes of one step; a longer one is recorded without its entries
 * @param directory where they are written; only null if nothing is recorded
 * @param maxAge how long they are kept
 * @param maxFiles how many are kept
 * @param maxBytes how much is kept
 */
public record RecordingConfig(
    List<HandlerPattern> handlers,
    double percent,
    RecordedOutcomes on,
    Rate rate,
    int largestBytes,
    @Nullable Path directory,
    Duration maxAge,
    int maxFiles,
    long maxBytes) {
  private static final int MAX_HANDLERS = 100;
  private static final int MIN_LARGEST = 4 << 10;
  private static final int MAX_LARGEST = 32 << 20;

  public static final RecordingConfig DEFAULTS =
      new RecordingConfig(
          List.of(),
          100,
          RecordedOutcomes.FAILED,
          Rate.parse("5/s"),
          1 << 20,
          null,
          Duration.ofDays(7),
          1000,
          256 << 20);

  public RecordingConfig {
    handlers = List.copyOf(handlers);
    if (handlers.size() > MAX_HANDLERS) {
      throw new IllegalArgumentException(
          "record.handlers has %d patterns; at most %d are allowed"
              .formatted(handlers.size(), MAX_HANDLERS));
    }
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException("record.sample must be 0% to 100%, was " + percent + "%");
    }
    if (largestBytes < MIN_LARGEST || largestBytes > MAX_LARGEST) {
      throw new IllegalArgumentException(
          "record.largest must be 4 KiB to 32 MiB, was " + largestBytes + " bytes");
    }
    if (maxAge.compareTo(Duration.ofMinutes(1)) < 0
        || maxAge.compareTo(Duration.ofDays(3650)) > 0) {
      throw new IllegalArgumentException("record.keep-age must be 1m to 87600h, was " + maxAge);
    }
    if (maxFiles < 1 || maxFiles > 100_000) {
      throw new IllegalArgumentException("record.keep-files must be 1 to 100000, was " + maxFiles);
    }
    if (maxBytes < 1 << 20 || maxBytes > 1L << 40) {
      throw new IllegalArgumentException(
          "record.keep-size must be 1 MiB to 1 TiB, was " + maxBytes + " bytes");
    }
  }

  /** Of every step, whatever its outcome, and in no directory. */
  public static RecordingConfig ofEverything(int largestBytes) {
    return new RecordingConfig(
        List.of(new HandlerPattern("*")),
        100,
        RecordedOutcomes.ALL,
        Rate.parse("1000000/s"),
        largestBytes,
        null,
        DEFAULTS.maxAge(),
        DEFAULTS.maxFiles(),
        DEFAULTS.maxBytes());
  }

  /** The same, in another directory. */
  public RecordingConfig withDirectory(Path other) {
    return new RecordingConfig(
        handlers, percent, on, rate, largestBytes, other, maxAge, maxFiles, maxBytes);
  }

  /** Whether any step is recorded. */
  public boolean isOn() {
    return !handlers.isEmpty() && percent > 0;
  }
}
