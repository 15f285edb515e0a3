package org.wasmbroker.secret;

import java.util.Arrays;

/** The bytes of a secret. They are never printed, and are overwritten on close. */
public final class SecretValue implements AutoCloseable {
  private final byte[] bytes;

  private SecretValue(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes ownership of the array. */
  public static SecretValue of(byte[] bytes) {
    return new SecretValue(bytes);
  }

  /** The bytes themselves, which must not be modified. */
  public byte[] bytes() {
    return bytes;
  }

  SecretValue copy() {
    return new SecretValue(bytes.clone());
  }

  boolean hasSameBytes(SecretValue other) {
    return Arrays.equals(bytes, other.bytes);
  }

  /** Overwrites the bytes. */
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "***";
  }
}
