package org.wasmbroker.sandbox;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/** The bytes of a WebAssembly module and their digest. Prints the digest, never the bytes. */
public final class WasmBinary {
  private final Digest digest;
  private final int size;
  private final Supplier<byte[]> bytes;

  /** Takes ownership of the array, which must not be modified afterwards. */
  public WasmBinary(byte[] bytes) {
    this.digest = Digest.of(bytes);
    this.size = bytes.length;
    this.bytes = () -> bytes;
  }

  private WasmBinary(Digest digest, int size, Supplier<byte[]> bytes) {
    this.digest = digest;
    this.size = size;
    this.bytes = bytes;
  }

  /**
   * A module that is read when its bytes are first needed.
   *
   * @param size in bytes
   * @param read gives bytes with this digest, or throws, which whoever asked for them gets
   */
  public static WasmBinary readWhenNeeded(Digest digest, int size, Supplier<byte[]> read) {
    return new WasmBinary(digest, size, new Once(read));
  }

  private static final class Once implements Supplier<byte[]> {
    private final Supplier<byte[]> read;
    private volatile byte @Nullable [] bytes;

    Once(Supplier<byte[]> read) {
      this.read = read;
    }

    @Override
    public byte[] get() {
      byte[] known = bytes;
      if (known == null) {
        known = read.get(); // by two threads at once it is the same
        bytes = known;
      }
      return known;
    }
  }

  /** The bytes themselves, which must not be modified. */
  public byte[] bytes() {
    return bytes.get();
  }

  /** In bytes. */
  public int size() {
    return size;
  }

  public Digest digest() {
    return digest;
  }

  @Override
  public String toString() {
    return "WasmBinary[" + digest + "]";
  }
}
