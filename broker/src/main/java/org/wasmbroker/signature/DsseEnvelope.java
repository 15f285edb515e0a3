package org.wasmbroker.signature;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What is signed in a DSSE envelope: the payload's type, its bytes, and the length of both. */
final class DsseEnvelope {
  static final String IN_TOTO = "application/vnd.in-toto+json";

  private DsseEnvelope() {}

  /**
   * The pre-authentication encoding of <a
   * href="https://github.com/secure-systems-lab/dsse">DSSE</a>.
   */
  static byte[] signedBytes(String payloadType, byte[] payload) {
    var type = payloadType.getBytes(StandardCharsets.UTF_8);
    var bytes = new ByteArrayOutputStream(payload.length + type.length + 40);
    bytes.writeBytes(ascii("DSSEv1 " + type.length + " "));
    bytes.writeBytes(type);
    bytes.writeBytes(ascii(" " + payload.length + " "));
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
