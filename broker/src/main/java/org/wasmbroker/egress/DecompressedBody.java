package org.wasmbroker.egress;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A compressed body as plain bytes: gzip with any number of members (RFC 1952), zlib (RFC 1950), or
 * raw deflate (RFC 1951). The JDK's streams are not used for it, since they take one stack frame
 * for each empty member, overlook members that arrive later, and end silently where a dictionary is
 * needed. Reads nothing before the first read, and at most one buffer ahead. Used by one thread.
 */
final class DecompressedBody extends InputStream {
  /** More of them serve nothing but to keep the broker busy. */
  private static final int MAX_EMPTY_MEMBERS = 1000;

  private static final int BUFFER_SIZE = 8 << 10;

  private static final int MAGIC_1 = 0x1f;
  private static final int MAGIC_2 = 0x8b;
  private static final int DEFLATED = 8;
  private static final int HAS_HEADER_CRC = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;
  private static final int RESERVED_FLAGS = 0xe0;

  private final InputStream body;
  private final boolean gzip;
  private final byte[] buffer = new byte[BUFFER_SIZE];
  private final CRC32 checksum = new CRC32();
  private @Nullable Inflater inflater;
  private int position;
  private int limit;
  private boolean inMember;
  private boolean ended;
  private int emptyMembers;

  private DecompressedBody(InputStream body, boolean gzip) {
    this.body = body;
    this.gzip = gzip;
  }

  static DecompressedBody gzip(InputStream body) {
    return new DecompressedBody(body, true);
  }

  /** RFC 9110 specifies the zlib format; some servers send a raw deflate stream. */
  static DecompressedBody deflate(InputStream body) {
    return new DecompressedBody(body, false);
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember) {
        ended = !beginMember();
      } else {
        int count = inflate(into, offset, length);
        if (count > 0) {
          return count;
        }
      }
    }
    return -1;
  }

  private int inflate(byte[] into, int offset, int length) throws IOException {
    var inflating = inflater();
    int count;
    try {
      count = inflating.inflate(into, offset, length);
    } catch (DataFormatException malformed) {
      throw new ZipException(malformed.getMessage());
    }
    if (count > 0) {
      checksum.update(into, offset, count);
    } else if (inflating.finished()) {
      endMember(inflating);
    } else if (inflating.needsDictionary()) {
      throw new ZipException("a dictionary is needed");
    } else {
      requireMore();
      inflating.setInput(buffer, position, limit - position);
      position = limit;
    }
    return count;
  }

  /** False at the end of the body. What follows the last member and is not a member is ignored. */
  private boolean beginMember() throws IOException {
    boolean first = inflater == null;
    if (!fill() || (!first && (!gzip || buffer[position] != MAGIC_1))) {
      return false;
    }
    if (gzip) {
      readHeader();
    }
    if (inflater == null) {
      inflater = new Inflater(gzip || !isZlib());
    } else {
      inflater.reset();
    }
    checksum.reset();
    inMember = true;
    return true;
  }

  private void endMember(Inflater finished) throws IOException {
    position -= finished.getRemaining();
    if (gzip) {
      boolean intact =
          readLittleEndian() == checksum.getValue()
              && readLittleEndian() == (finished.getBytesWritten() & 0xffff_ffffL);
      if (!intact) {
        throw new ZipException("the checksum or the length does not match");
      }
      if (finished.getBytesWritten() == 0 && ++emptyMembers > MAX_EMPTY_MEMBERS) {
        throw new ZipException("there are too many empty members");
      }
    }
    inMember = false;
  }

  private void readHeader() throws IOException {
    if (readByte() != MAGIC_1 || readByte() != MAGIC_2 || readByte() != DEFLATED) {
      throw new ZipException("this is not gzip");
    }
    int flags = readByte();
    if ((flags & RESERVED_FLAGS) != 0) {
      throw new ZipException("there are unknown flags");
    }
    skip(6); // time, extra flags, system
    if ((flags & HAS_EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & HAS_NAME) != 0) {
      skipText();
    }
    if ((flags & HAS_COMMENT) != 0) {
      skipText();
    }
    if ((flags & HAS_HEADER_CRC) != 0) {
      skip(2);
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      var _ = readByte();
    }
  }

  private void skipText() throws IOException {
    while (readByte() != 0) {
      // up to the zero at its end
    }
  }

  private long readLittleEndian() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      value |= (long) readByte() << shift;
    }
    return value;
  }

  private int readByte() throws IOException {
    requireMore();
    return buffer[position++] & 0xff;
  }

  /** Whether the body begins with a zlib header, of which two bytes are enough. */
  private boolean isZlib() throws IOException {
    while (limit - position < 2) {
      int count = body.read(buffer, limit, 1);
      if (count < 0) {
        return false;
      }
      limit += count;
    }
    int first = buffer[position] & 0xff;
    int second = buffer[position + 1] & 0xff;
    return (first & 0x0f) == DEFLATED && (first << 8 | second) % 31 == 0;
  }

  private void requireMore() throws IOException {
    if (!fill()) {
      throw new EOFException("the compressed data ends early");
    }
  }

  /** False at the end of the body. */
  private boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    int count = body.read(buffer);
    position = 0;
    limit = Math.max(0, count);
    return count > 0;
  }

  private Inflater inflater() {
    if (inflater == null) {
      throw new IllegalStateException("no member has begun");
    }
    return inflater;
  }

  @Override
  public void close() {
    ended = true;
    if (inflater != null) {
      inflater.end();
    }
  }
}
