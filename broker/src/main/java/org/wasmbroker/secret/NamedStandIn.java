package org.wasmbroker.secret;

import org.wasmbroker.capability.SecretName;
import org.wasmbroker.step.Document;

/**
 * What stands in for a value of a secret in a recording.
 *
 * @param bytes as many as the value has
 */
public record NamedStandIn(SecretName name, Document bytes) {
  /**
   * @throws IllegalArgumentException if no secret can be as long
   */
  public NamedStandIn {
    if (bytes.size() > SecretSource.MAX_BYTES) {
      throw new IllegalArgumentException(
          "what stands in for secret %s has %d bytes, the maximum size of a secret is %d"
              .formatted(name, bytes.size(), SecretSource.MAX_BYTES));
    }
  }
}
