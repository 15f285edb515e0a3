package org.wasmbroker.egress;

import org.wasmbroker.capability.SecretName;

/** A header or query parameter as the guest wrote it. Never printed, since it may be secret. */
record RequestField(String name, String value) {
  static boolean hasPlaceholder(String text) {
    return text.contains(SecretName.PLACEHOLDER_PREFIX);
  }

  boolean hasPlaceholder() {
    return hasPlaceholder(value);
  }

  @Override
  public String toString() {
    return name + "=…";
  }
}
