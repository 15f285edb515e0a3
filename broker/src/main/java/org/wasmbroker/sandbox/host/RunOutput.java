package org.wasmbroker.sandbox.host;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * The result document of a reactor: written at once, or appended in pieces. What is written at once
 * takes the place of what was appended.
 */
final class RunOutput {
  private @Nullable Document written;
  private @Nullable ByteArrayOutputStream pieces;

  boolean isWritten() {
    return written != null;
  }

  void write(Document document) {
    written = document;
    pieces = null;
  }

  void append(byte[] piece) {
    if (pieces == null) {
      pieces = new ByteArrayOutputStream(piece.length);
    }
    pieces.writeBytes(piece);
  }

  long appendedBytes() {
    return pieces == null ? 0 : pieces.size();
  }

  /** The document, once the guest has ended; null if there is none. */
  @Nullable Document end() {
    if (pieces != null && pieces.size() > 0) {
      written = Document.of(pieces.toByteArray());
      pieces = null;
    }
    return written;
  }
}
