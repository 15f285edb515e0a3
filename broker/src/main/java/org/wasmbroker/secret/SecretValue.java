package org.wasmbroker.secret;

import java.util.Arrays;

/** The bytes of a secret. They are never shown, and gone once it is closed. */
public final class SecretValue implements AutoCloseable {
  private final byte[] bytes;

  private SecretValue(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes the array over; it is not written to any more. */
  public static SecretValue of(byte[] bytes) {
    return new SecretValue(bytes);
  }

  /** The bytes themselves; not to be written to. */
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
