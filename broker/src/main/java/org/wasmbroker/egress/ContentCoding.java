package org.wasmbroker.egress;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** How a body is compressed. Nothing is read ahead of the guest but a buffer's worth. */
enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  /** What the broker asks for, unless the guest asks for something itself. */
  static final String ACCEPT_ENCODING = "gzip, deflate";

  private static final int BUFFER_SIZE = 8 << 10;

  /** The coding of a {@code Content-Encoding}; empty for one that the broker does not undo. */
  static Optional<ContentCoding> of(String header) {
    return switch (header.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> Optional.of(IDENTITY);
      case "gzip", "x-gzip" -> Optional.of(GZIP);
      case "deflate" -> Optional.of(DEFLATE);
      default -> Optional.empty();
    };
  }

  /**
   * The body as it was before it was compressed. Reads the beginning of it; closing it frees its
   * memory and does not touch the connection.
   */
  InputStream decode(InputStream body) throws IOException {
    return switch (this) {
      case IDENTITY -> new NonClosingStream(body);
      case GZIP -> new GZIPInputStream(new NonClosingStream(body), BUFFER_SIZE);
      case DEFLATE -> inflate(body);
    };
  }

  /** RFC 9110 means zlib's format; some servers send the bare stream. */
  private static InputStream inflate(InputStream body) throws IOException {
    var ahead = new PushbackInputStream(new NonClosingStream(body), 2);
    var start = ahead.readNBytes(2);
    ahead.unread(start);
    boolean zlib =
        start.length == 2
            && (start[0] & 0x0f) == 8
            && (((start[0] & 0xff) << 8) | (start[1] & 0xff)) % 31 == 0;
    return new InflatingStream(ahead, new Inflater(!zlib));
  }

  private static final class InflatingStream extends InflaterInputStream {
    InflatingStream(InputStream body, Inflater inflater) {
      super(body, inflater, BUFFER_SIZE);
    }

    /** The inflater is ours, so the stream would not free it. */
    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        inf.end();
      }
    }
  }

  /** Closing a body would read the rest of it, however long that is. */
  private static final class NonClosingStream extends FilterInputStream {
    NonClosingStream(InputStream body) {
      super(body);
    }

    @Override
    public void close() {}
  }
}
