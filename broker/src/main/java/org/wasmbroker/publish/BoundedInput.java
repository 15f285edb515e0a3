package org.wasmbroker.publish;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that ends with a refusal after a number of bytes, however many it claims to have. Not
 * thread-safe.
 */
final class BoundedInput extends InputStream {
  private final InputStream in;
  private final PackageRefusedException refusal;
  private long remaining;

  /**
   * @param refusal thrown when there is a byte more
   */
  BoundedInput(InputStream in, long maxBytes, PackageRefusedException refusal) {
    this.in = in;
    this.remaining = maxBytes;
    this.refusal = refusal;
  }

  @Override
  public int read() throws IOException {
    int next = in.read();
    if (next >= 0) {
      count(1);
    }
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      count(read);
    }
    return read;
  }

  private void count(int read) {
    remaining -= read;
    if (remaining < 0) {
      throw refusal;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
