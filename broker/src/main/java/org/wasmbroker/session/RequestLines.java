package org.wasmbroker.session;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.BoundedLines;
import tools.jackson.databind.node.JsonNodeFactory;

/** Requests from a stream, a line each; blank lines are none. */
final class RequestLines {
  private final BoundedLines lines;
  private final int maxBytes;

  /**
   * @param maxBytes of a line; no more is kept of a longer one
   */
  RequestLines(InputStream in, int maxBytes) {
    this.lines = new BoundedLines(in, maxBytes);
    this.maxBytes = maxBytes;
  }

  /** The next request, which may be a bad one; null at the end. */
  @Nullable Request next() throws IOException {
    var line = lines.next();
    if (line == null) {
      return null;
    }
    return line.isTooLong()
        ? Request.bad(
            JsonNodeFactory.instance.nullNode(),
            "a line has at most %d bytes; write larger files in parts with \"append\": true"
                .formatted(maxBytes))
        : Request.read(line.bytes(), maxBytes);
  }
}
