package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** How a body is compressed. At most one buffer is read ahead of the guest. */
enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE,
  /** Anything else, such as several codings at once: such a body cannot be read. */
  UNSUPPORTED;

  /** The default value of {@code Accept-Encoding}. */
  static final String ACCEPT_ENCODING = "gzip, deflate";

  /** The coding named by a {@code Content-Encoding} header. */
  static ContentCoding of(String header) {
    return switch (header.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default -> UNSUPPORTED;
    };
  }

  /** Whether a guest gets the body without this coding. */
  boolean isDecoded() {
    return this == GZIP || this == DEFLATE;
  }

  /**
   * The body without the coding. Nothing is read before the guest reads, so that a response has a
   * status whatever its body is; an empty body is empty in every coding. Closing the stream frees
   * its memory and leaves the connection alone.
   */
  InputStream decode(InputStream body) {
    return switch (this) {
      case IDENTITY -> new UnclosedBody(body);
      case GZIP -> DecompressedBody.gzip(body);
      case DEFLATE -> DecompressedBody.deflate(body);
      case UNSUPPORTED -> new UnsupportedBody(body);
    };
  }

  /** The body has a coding that the broker does not know. */
  static final class UnsupportedCodingException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** Closing the body itself would read all of the rest. */
  private static final class UnclosedBody extends InputStream {
    private final InputStream body;

    UnclosedBody(InputStream body) {
      this.body = body;
    }

    @Override
    public int read() throws IOException {
      return body.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return body.read(into, offset, length);
    }

    @Override
    public int available() throws IOException {
      return body.available();
    }
  }

  /** Fails at the first byte. */
  private static final class UnsupportedBody extends InputStream {
    private final InputStream body;

    UnsupportedBody(InputStream body) {
      this.body = body;
    }

    @Override
    public int read() throws IOException {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (body.read() < 0) {
        return -1;
      }
      throw new UnsupportedCodingException();
    }
  }
}
