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

/** How a body is compressed. At most one buffer is read ahead of the guest. */
enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  /** The default value of {@code Accept-Encoding}. */
  static final String ACCEPT_ENCODING = "gzip, deflate";

  private static final int BUFFER_SIZE = 8 << 10;

  /**
   * The coding named by a {@code Content-Encoding} header; empty if the broker cannot decode it.
   */
  static Optional<ContentCoding> of(String header) {
    return switch (header.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> Optional.of(IDENTITY);
      case "gzip", "x-gzip" -> Optional.of(GZIP);
      case "deflate" -> Optional.of(DEFLATE);
      default -> Optional.empty();
    };
  }

  /**
   * The decompressed body. Reads the beginning of the body; closing the stream frees its memory and
   * leaves the connection alone.
   */
  InputStream decode(InputStream body) throws IOException {
    return switch (this) {
      case IDENTITY -> new NonClosingStream(body);
      case GZIP -> new GZIPInputStream(new NonClosingStream(body), BUFFER_SIZE);
      case DEFLATE -> inflate(body);
    };
  }

  /** RFC 9110 specifies the zlib format; some servers send a raw deflate stream. */
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

    /** The stream does not free an inflater that was passed to it. */
    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        inf.end();
      }
    }
  }

  /** Closing the body itself would read all of the rest. */
  private static final class NonClosingStream extends FilterInputStream {
    NonClosingStream(InputStream body) {
      super(body);
    }

    @Override
    public void close() {}
  }
}
