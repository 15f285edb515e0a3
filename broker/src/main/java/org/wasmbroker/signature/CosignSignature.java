package org.wasmbroker.signature;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/**
 * One signature, as it was read: nothing of it is believed before a key has verified it. Its
 * payload is interpreted only then.
 */
public final class CosignSignature {
  /** How it was written. */
  enum Form {
    /** A bundle with a DSSE envelope around an in-toto statement: what cosign 3 writes. */
    BUNDLE,
    /** A payload with a signature beside it: what older versions write. */
    SIMPLE
  }

  /** What a key says about a signature. */
  public sealed interface Verdict {
    /** The key signed that digest. */
    record Valid() implements Verdict {}

    /** Another key made it, or it was changed. */
    record NotByThisKey() implements Verdict {}

    /**
     * The key made it, but for something else.
     *
     * @param reason a phrase that follows "the signature"
     */
    record OfSomethingElse(String reason) implements Verdict {}
  }

  private final Form form;
  private final @Nullable String hint;
  private final byte[] payload;
  private final byte[] signedBytes;
  private final byte[] signature;

  CosignSignature(
      Form form, @Nullable String hint, byte[] payload, byte[] signedBytes, byte[] signature) {
    this.form = form;
    this.hint = hint;
    this.payload = payload;
    this.signedBytes = signedBytes;
    this.signature = signature;
  }

  /** Whether the key signed the digest. */
  public Verdict verify(VerificationKey key, Digest digest) {
    if (!key.verifies(signedBytes, signature)) {
      return new Verdict.NotByThisKey();
    }
    var claim =
        switch (form) {
          case BUNDLE -> SignedPayload.ofStatement(payload);
          case SIMPLE -> SignedPayload.ofSimpleSigning(payload);
        };
    return switch (claim) {
      case SignedPayload.Unusable(var reason) -> new Verdict.OfSomethingElse(reason);
      case SignedPayload.Names(var digests) when digests.contains(digest) -> new Verdict.Valid();
      case SignedPayload.Names(var digests) ->
          new Verdict.OfSomethingElse(
              digests.isEmpty()
                  ? "names no SHA-256 digest"
                  : "is for sha256:%s, not for sha256:%s"
                      .formatted(digests.iterator().next(), digest));
    };
  }

  /** Whether it claims to be by that key, which proves nothing. */
  public boolean claimsToBeBy(VerificationKey key) {
    return key.hint().equals(hint);
  }

  @Override
  public String toString() {
    return "CosignSignature[" + form + "]";
  }
}
