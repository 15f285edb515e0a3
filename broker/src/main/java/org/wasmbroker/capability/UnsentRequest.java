package org.wasmbroker.capability;

import java.io.ByteArrayOutputStream;
import org.wasmbroker.step.Document;

/** A request whose body the guest writes in pieces; nothing of it is checked before it is sent. */
final class UnsentRequest {
  private final byte[] document;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  UnsentRequest(byte[] document) {
    this.document = document;
  }

  byte[] document() {
    return document;
  }

  void append(byte[] piece) {
    body.writeBytes(piece);
  }

  long bodyBytes() {
    return body.size();
  }

  Document body() {
    return Document.of(body.toByteArray());
  }
}
