package org.wasmbroker.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/** A private key that makes signatures. Prints its public key, never itself. */
public final class SigningKey {
  private static final String HOW_TO_CONVERT =
      "convert it: openssl pkcs8 -topk8 -nocrypt -in FILE -out NEW";

  private final PrivateKey key;
  private final VerificationKey publicKey;
  private final KeyAlgorithm algorithm;

  private SigningKey(PrivateKey key, VerificationKey publicKey, KeyAlgorithm algorithm) {
    this.key = key;
    this.publicKey = publicKey;
    this.algorithm = algorithm;
  }

  /**
   * Reads a PEM file with one block {@code PRIVATE KEY} (PKCS #8, not encrypted).
   *
   * @throws IllegalArgumentException if it is anything else; the message, which follows the name of
   *     the file, says what it is and what to do
   */
  public static SigningKey parse(String text) {
    var pem = Pem.parse(text);
    return switch (pem.label()) {
      case "PRIVATE KEY" -> of(pem.der());
      case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY" ->
          throw new IllegalArgumentException(
              "is a key in cosign's own encrypted form: sign with cosign, or make a key with"
                  + " `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`, which"
                  + " `cosign import-key-pair` reads too");
      case "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY" ->
          throw new IllegalArgumentException(
              "is a block %s; %s".formatted(pem.label(), HOW_TO_CONVERT));
      case "PUBLIC KEY" ->
          throw new IllegalArgumentException("is a public key; a private key is needed to sign");
      case String label ->
          throw new IllegalArgumentException("must be a block PRIVATE KEY, was " + label);
    };
  }

  private static SigningKey of(byte[] der) {
    try {
      var encoded = new PKCS8EncodedKeySpec(der);
      SigningKey key;
      try {
        key = ofCurve((ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(encoded));
      } catch (InvalidKeySpecException notOfThisKind) {
        key = ofEdwards(KeyFactory.getInstance("Ed25519").generatePrivate(encoded));
      }
      key.requireThatItVerifies();
      return key;
    } catch (GeneralSecurityException | RuntimeException invalid) {
      if (invalid instanceof IllegalArgumentException explained) {
        throw explained;
      }
      throw new IllegalArgumentException(
          "has no valid private key of ECDSA P-256, ECDSA P-384 or Ed25519", invalid);
    }
  }

  private static SigningKey ofCurve(ECPrivateKey key) throws GeneralSecurityException {
    var algorithm =
        KeyAlgorithm.of(key)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("has a key on another curve than P-256 or P-384"));
    return new SigningKey(key, VerificationKey.of(PublicKeys.of(key)), algorithm);
  }

  private static SigningKey ofEdwards(PrivateKey key) throws GeneralSecurityException {
    return new SigningKey(key, VerificationKey.of(PublicKeys.of(key)), KeyAlgorithm.ED25519);
  }

  /** The public key is computed here, so it is tried before anything is signed with the key. */
  private void requireThatItVerifies() throws GeneralSecurityException {
    var message = "self-test".getBytes(StandardCharsets.US_ASCII);
    if (!publicKey.verifies(message, signature(message))) {
      throw new GeneralSecurityException("the key does not verify what it signed");
    }
  }

  public VerificationKey publicKey() {
    return publicKey;
  }

  /** Signs a digest, in the form that {@code cosign sign} writes and {@code verify} reads. */
  public Document sign(Digest digest) {
    var statement =
        """
        {"_type":"%s","subject":[{"digest":{"sha256":"%s"}}],"predicateType":"%s","predicate":{}}\
        """
            .formatted(SignedPayload.STATEMENT_TYPE, digest, SignedPayload.PREDICATE_TYPE)
            .getBytes(StandardCharsets.UTF_8);
    var signedBytes = DsseEnvelope.signedBytes(DsseEnvelope.IN_TOTO, statement);
    try {
      return Document.of(
          """
          {"mediaType":"%s","verificationMaterial":{"publicKey":{"hint":"%s"}},\
          "dsseEnvelope":{"payload":"%s","payloadType":"%s","signatures":[{"sig":"%s"}]}}\
          """
              .formatted(
                  SignatureReader.BUNDLE,
                  publicKey.hint(),
                  StrictBase64.encode(statement),
                  DsseEnvelope.IN_TOTO,
                  StrictBase64.encode(signature(signedBytes))));
    } catch (GeneralSecurityException unexpected) {
      throw new IllegalStateException("cannot sign", unexpected);
    }
  }

  private byte[] signature(byte[] message) throws GeneralSecurityException {
    var signer = KeyAlgorithm.signature(algorithm.signatureAlgorithms().getFirst());
    signer.initSign(key);
    signer.update(message);
    return signer.sign();
  }

  @Override
  public String toString() {
    return "SigningKey[" + publicKey + "]";
  }
}
