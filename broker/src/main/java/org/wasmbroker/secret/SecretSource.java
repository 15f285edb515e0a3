package org.wasmbroker.secret;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.SecretName;

/** Where values of secrets come from. Thread-safe. */
public interface SecretSource {
  /** The largest value. */
  int MAX_BYTES = 64 << 10;

  /** Where that is, for messages. */
  String location();

  /**
   * The value as it is now, which the caller closes; null if there is none of that name.
   *
   * @throws SecretUnavailableException if there is one that cannot be used
   */
  @Nullable SecretValue find(SecretName name);
}
