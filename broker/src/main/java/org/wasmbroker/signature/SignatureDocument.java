package org.wasmbroker.signature;

import java.util.List;

/**
 * The signatures of one document.
 *
 * @param signatures those that could be read; none of them is verified
 * @param faults why others could not be
 */
public record SignatureDocument(List<CosignSignature> signatures, List<String> faults) {
  public SignatureDocument {
    signatures = List.copyOf(signatures);
    faults = List.copyOf(faults);
  }

  /** Whatever the bytes are, the result is signatures and faults. */
  public static SignatureDocument read(byte[] bytes) {
    return SignatureReader.read(bytes);
  }
}
