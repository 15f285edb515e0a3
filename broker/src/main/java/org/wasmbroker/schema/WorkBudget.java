package org.wasmbroker.schema;

/**
 * How much work one check may be, since both the schema and the value may be written to make it
 * endless: references that branch with each level, patterns that go back and forth. Counted in
 * looks at one character by a pattern, which take a nanosecond or a few; applying a schema to a
 * value counts as several.
 *
 * <p>Held by the thread that checks, since the validator hands nothing of ours through.
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

  /** Runs a check of a value of so many bytes within its work. */
  static <T> T run(int size, Check<T> check) {
    CURRENT.set(new WorkBudget(BASE_UNITS + UNITS_PER_BYTE * size));
    try {
      return check.run();
    } finally {
      CURRENT.remove();
    }
  }

  /** What is to be checked. */
  @FunctionalInterface
  interface Check<T> {
    T run();
  }

  /** A pattern looks at a character. */
  static WorkBudget current() {
    var budget = CURRENT.get();
    return budget == null ? new WorkBudget(BASE_UNITS) : budget;
  }

  void chargeCharacter() {
    charge(1);
  }

  /** A schema is applied to a value. */
  void chargeSchema() {
    charge(UNITS_PER_SCHEMA);
  }

  private void charge(int units) {
    remaining -= units;
    if (remaining < 0) {
      throw new ExceededException(allowed);
    }
  }

  /** The check would go on; it has no answer. */
  static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ExceededException(long allowed) {
      super(
          "it takes more work than a value of its size may, " + allowed + " units",
          null,
          false,
          false);
    }
  }
}
