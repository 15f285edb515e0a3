package org.wasmbroker.sandbox;

import org.wasmbroker.step.Digest;

/** The bytes of a WebAssembly module and their digest. Prints the digest, never the bytes. */
public final class WasmBinary {
  private final byte[] bytes;
  private final Digest digest;

  /** Takes ownership of the array, which must not be modified afterwards. */
  public WasmBinary(byte[] bytes) {
    this.bytes = bytes;
    this.digest = Digest.of(bytes);
  }

  /** The bytes themselves, which must not be modified. */
  public byte[] bytes() {
    return bytes;
  }

  public int size() {
    return bytes.length;
  }

  public Digest digest() {
    return digest;
  }

  @Override
  public String toString() {
    return "WasmBinary[" + digest + ", " + bytes.length + " bytes]";
  }
}
