package org.wasmbroker.oci;

import org.jspecify.annotations.Nullable;

/**
 * Something cannot be had from a registry, or not be put there. The message says what, at which
 * host, and why; texts of the registry in it are sanitized, and it contains no credentials.
 */
public final class OciException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** What is wrong. */
  public enum Kind {
    /** The registry says that there is no such thing. */
    NOT_FOUND,
    /** The registry wants other credentials, or any. */
    UNAUTHORIZED,
    /** These credentials may not do that. */
    DENIED,
    /** It has more bytes, or more elements, than is allowed. */
    TOO_LARGE,
    /** The bytes are not those that the digest names. */
    DIGEST_MISMATCH,
    /** The registry cannot be reached, is too slow, or has a fault: a later attempt may work. */
    UNAVAILABLE,
    /** The registry, or what is stored in it, breaks the specification. */
    PROTOCOL
  }

  public OciException(Kind kind, String message) {
    this(kind, message, null);
  }

  public OciException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same request may work later, though nobody changes anything. */
  public boolean isTransient() {
    return kind == Kind.UNAVAILABLE;
  }
}
