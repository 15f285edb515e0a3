package org.wasmbroker.sandbox;

import java.util.List;
import org.wasmbroker.step.WireName;

/** The unit of a limit. */
public enum LimitUnit {
  BYTES,
  MILLISECONDS("ms"),
  ELEMENTS,
  FUEL("units"),
  CALLS,
  CHECKPOINTS,
  MEMORIES,
  TABLES,
  INSTANCES,
  RESPONSES,
  STEPS,
  LEVELS;

  private static final List<Multiple> BYTE_MULTIPLES =
      List.of(
          new Multiple(1 << 30, "GiB"), new Multiple(1 << 20, "MiB"), new Multiple(1 << 10, "KiB"));
  private static final List<Multiple> TIME_MULTIPLES =
      List.of(new Multiple(3_600_000, "h"), new Multiple(60_000, "min"), new Multiple(1000, "s"));

  private final String text;

  LimitUnit() {
    this.text = WireName.of(this);
  }

  LimitUnit(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /** An amount in human-readable form, such as {@code 32 MiB} or {@code 100000}. */
  public String format(long amount) {
    return switch (this) {
      case BYTES -> inLargestUnit(amount, "bytes", BYTE_MULTIPLES);
      case MILLISECONDS -> inLargestUnit(amount, "ms", TIME_MULTIPLES);
      case ELEMENTS,
          FUEL,
          CALLS,
          CHECKPOINTS,
          MEMORIES,
          TABLES,
          INSTANCES,
          RESPONSES,
          STEPS,
          LEVELS ->
          String.valueOf(amount);
    };
  }

  /** In the largest unit that does not need a fraction. */
  private static String inLargestUnit(long amount, String baseUnit, List<Multiple> multiples) {
    for (var multiple : multiples) {
      if (amount != 0 && amount % multiple.size == 0) {
        return amount / multiple.size + " " + multiple.name;
      }
    }
    return amount + " " + baseUnit;
  }

  private record Multiple(long size, String name) {}
}
