package org.wasmbroker.schema;

/**
 * Limits the work of one validation, since both schema and value may be crafted to make it endless:
 * references that branch at each level, patterns on long texts. A unit is one step of a pattern or
 * one comparison, which takes some nanoseconds; applying a schema to a value costs several. Not
 * thread-safe.
 */
final class WorkBudget {
  private static final long BASE_UNITS = 20_000_000;
  private static final long UNITS_PER_BYTE = 50;
  private static final int UNITS_PER_SCHEMA = 20;

  /** So many characters of a number are parsed for a unit. */
  static final int CHARACTERS_PER_UNIT = 4;

  private final long allowed;
  private long remaining;

  /**
   * @param size of the value's document, in bytes
   */
  WorkBudget(int size) {
    this.allowed = BASE_UNITS + UNITS_PER_BYTE * size;
    this.remaining = allowed;
  }

  /** Charges the application of a schema to a value. */
  void chargeSchema() {
    charge(UNITS_PER_SCHEMA);
  }

  /** Charges what is done with each character of a number. */
  void chargeCharacters(int count) {
    charge(count / CHARACTERS_PER_UNIT);
  }

  void charge(int units) {
    remaining -= units;
    if (remaining < 0) {
      throw new UncheckableException(
          "it takes more work than is allowed for a value of its size, " + allowed + " units");
    }
  }

  /** A validation has no result; the message says why, without a subject. */
  static final class UncheckableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UncheckableException(String message) {
      super(message, null, false, false);
    }
  }
}
