package org.wasmbroker.sdk;

/** The secrets that the handler may read. What a step has read may not leave it. */
public final class Secrets {
  private Secrets() {}

  /**
   * The bytes of a secret.
   *
   * @throws Failure with the broker's error code as its type, such as {@code denied}, {@code
   *     not_found} or {@code invalid}. It is retryable if the broker cannot read it now
   */
  public static byte[] read(String name) {
    return Host.readSecret(name);
  }
}
