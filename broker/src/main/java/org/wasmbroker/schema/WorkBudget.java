package org.wasmbroker.schema;

/**
 * Limits the work of one validation, since both schema and value may be crafted to make it endless:
 * references that branch at each level, patterns that backtrack. A unit is one character read by a
 * pattern, which takes a few nanoseconds at most; applying a schema to a value costs several.
 *
 * <p>Held in a thread-local, since the validator does not pass a context through.
 */
final class WorkBudget {
  private static final ThreadLocal<WorkBudget> CURRENT = new ThreadLocal<>();
  private static final long BASE_UNITS = 20_000_000;
  private static final long UNITS_PER_BYTE = 50;
  private static final int UNITS_PER_SCHEMA = 20;

  private final long allowed;
  private long remaining;

  private WorkBudget(long allowed) {
    this.allowed = allowed;
    this.remaining = allowed;
  }

  /** Runs a check of a value of this size within its budget. */
  static <T> T run(int size, Check<T> check) {
    CURRENT.set(new WorkBudget(BASE_UNITS + UNITS_PER_BYTE * size));
    try {
      return check.run();
    } finally {
      CURRENT.remove();
    }
  }

  /** A validation to run. */
  @FunctionalInterface
  interface Check<T> {
    T run();
  }

  /** Called by a pattern for each character that it reads. */
  static WorkBudget current() {
    var budget = CURRENT.get();
    return budget == null ? new WorkBudget(BASE_UNITS) : budget;
  }

  void chargeCharacter() {
    charge(1);
  }

  /** Charges the application of a schema to a value. */
  void chargeSchema() {
    charge(UNITS_PER_SCHEMA);
  }

  private void charge(int units) {
    remaining -= units;
    if (remaining < 0) {
      throw new ExceededException(allowed);
    }
  }

  /** The budget is exhausted; the validation has no result. */
  static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ExceededException(long allowed) {
      super(
          "it takes more work than is allowed for a value of its size, " + allowed + " units",
          null,
          false,
          false);
    }
  }
}
