package org.wasmbroker.publish;

/**
 * One thing that is checked before a handler is published.
 *
 * @param name such as {@code manifest}
 * @param detail what was found, for people; if it failed, what to do
 */
public record Check(String name, Result result, String detail) {
  /** How it ended. */
  public enum Result {
    OK,
    SKIPPED,
    FAILED
  }

  static Check ok(String name, String detail) {
    return new Check(name, Result.OK, detail);
  }

  static Check skipped(String name, String detail) {
    return new Check(name, Result.SKIPPED, detail);
  }

  static Check failed(String name, String detail) {
    return new Check(name, Result.FAILED, detail);
  }

  public boolean failed() {
    return result == Result.FAILED;
  }
}
