package org.wasmbroker.schema;

/**
 * How much work one check may be, since both the schema and the value may be written to make it
 * endless: references that branch with each level, patterns that go back and forth. Counted in
 * looks at one character by a pattern, which take a nanosecond or a few; applying a schema to a
 * value counts as several.
 *
 * <p>Held by the thread that checks, since the validator hands nothing of ours through.
 */
final class Work {
  private static final ThreadLocal<Work> CURRENT = new ThreadLocal<>();
  private static final long LEAST = 20_000_000;
  private static final long FOR_EACH_BYTE = 50;
  private static final int SCHEMA = 20;

  private final long allowed;
  private long left;

  private Work(long allowed) {
    this.allowed = allowed;
    this.left = allowed;
  }

  /** Runs a check of a value of so many bytes within its work. */
  static <T> T bounded(int size, Check<T> check) {
    CURRENT.set(new Work(LEAST + FOR_EACH_BYTE * size));
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
  static Work ofThisThread() {
    var work = CURRENT.get();
    return work == null ? new Work(LEAST) : work;
  }

  void look() {
    spend(1);
  }

  /** A schema is applied to a value. */
  void apply() {
    spend(SCHEMA);
  }

  private void spend(int units) {
    left -= units;
    if (left < 0) {
      throw new TooMuchException(allowed);
    }
  }

  /** The check would go on; it has no answer. */
  static final class TooMuchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooMuchException(long allowed) {
      super(
          "it takes more work than a value of its size may, " + allowed + " units",
          null,
          false,
          false);
    }
  }
}
