package org.wasmbroker.secret;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;

/** A source of secret values. Thread-safe. */
public interface SecretSource {
  /** The maximum size of a value. */
  int MAX_BYTES = 64 << 10;

  /** The source's location, for messages. */
  String location();

  /**
   * The current value, which the caller closes; null if there is no secret of that name.
   *
   * @throws SecretUnavailableException if it exists, but cannot be used
   */
  @Nullable SecretValue find(SecretName name);
}
