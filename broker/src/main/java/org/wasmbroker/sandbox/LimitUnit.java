package org.wasmbroker.sandbox;

import java.util.List;
import org.wasmbroker.step.WireName;

/** The unit of a limit. */
public enum LimitUnit {
  BYTES(Quantity.SIZE),
  MILLISECONDS(Quantity.DURATION, "ms"),
  ELEMENTS(Quantity.COUNT),
  FUEL(Quantity.COUNT, "units"),
  CALLS(Quantity.COUNT),
  CHECKPOINTS(Quantity.COUNT),
  MEMORIES(Quantity.COUNT),
  TABLES(Quantity.COUNT),
  INSTANCES(Quantity.COUNT),
  RESPONSES(Quantity.COUNT),
  STEPS(Quantity.COUNT),
  LEVELS(Quantity.COUNT);

  /** What a unit measures, and thus how its amounts are written. */
  public enum Quantity {
    SIZE,
    DURATION,
    COUNT
  }

  private static final List<Multiple> BYTE_MULTIPLES =
      List.of(
          new Multiple(1 << 30, "GiB"), new Multiple(1 << 20, "MiB"), new Multiple(1 << 10, "KiB"));
  private static final List<Multiple> TIME_MULTIPLES =
      List.of(new Multiple(3_600_000, "h"), new Multiple(60_000, "min"), new Multiple(1000, "s"));

  private final Quantity quantity;
  private final String text;

  LimitUnit(Quantity quantity) {
    this.quantity = quantity;
    this.text = WireName.of(this);
  }

  LimitUnit(Quantity quantity, String text) {
    this.quantity = quantity;
    this.text = text;
  }

  public Quantity quantity() {
    return quantity;
  }

  public String text() {
    return text;
  }

  /** An amount in human-readable form, such as {@code 32 MiB} or {@code 100000}. */
  public String format(long amount) {
    return switch (quantity) {
      case SIZE -> inLargestUnit(amount, "bytes", BYTE_MULTIPLES);
      case DURATION -> inLargestUnit(amount, "ms", TIME_MULTIPLES);
      case COUNT -> String.valueOf(amount);
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
