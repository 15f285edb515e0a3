package org.wasmbroker.pgmq;

import org.jspecify.annotations.Nullable;

/** A password, which prints as {@code ***}. */
public final class Password {
  private final String value;

  private Password(String value) {
    this.value = value;
  }

  public static Password of(String value) {
    return new Password(value);
  }

  /** The value itself, for the one place that needs it. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Password password && value.equals(password.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
