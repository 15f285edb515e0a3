package org.wasmbroker.signature;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.wasmbroker.step.Digest;

/** A public key that signatures are verified with: ECDSA on P-256 or P-384, or Ed25519. */
public final class VerificationKey {
  private final PublicKey key;
  private final KeyAlgorithm algorithm;

  private VerificationKey(PublicKey key, KeyAlgorithm algorithm) {
    this.key = key;
    this.algorithm = algorithm;
  }

  /**
   * Reads a PEM file with one block {@code PUBLIC KEY}.
   *
   * @throws IllegalArgumentException if it is anything else; the message, which follows the name of
   *     the file, says what it is and what to do
   */
  public static VerificationKey parse(String text) {
    var pem = Pem.parse(text);
    return switch (pem.label()) {
      case "PUBLIC KEY" -> of(pem.der());
      case "CERTIFICATE" ->
          throw new IllegalArgumentException(
              "is a certificate; take its key: openssl x509 -in FILE -pubkey -noout");
      case String label when label.endsWith("PRIVATE KEY") ->
          throw new IllegalArgumentException(
              "is a private key, which nobody but its owner may have; its public key is needed");
      case String label ->
          throw new IllegalArgumentException("must be a block PUBLIC KEY, was " + label);
    };
  }

  private static VerificationKey of(byte[] der) {
    try {
      var key = decode(der);
      if (!Arrays.equals(key.key.getEncoded(), der)) {
        throw new IllegalArgumentException("has a key in an unusual encoding; write it anew");
      }
      return key;
    } catch (GeneralSecurityException | RuntimeException invalid) {
      if (invalid instanceof IllegalArgumentException explained) {
        throw explained;
      }
      throw new IllegalArgumentException(
          "has no valid key of ECDSA P-256, ECDSA P-384 or Ed25519", invalid);
    }
  }

  private static VerificationKey decode(byte[] der) throws GeneralSecurityException {
    var encoded = new X509EncodedKeySpec(der);
    try {
      return of(KeyFactory.getInstance("EC").generatePublic(encoded));
    } catch (InvalidKeySpecException notOfThisKind) {
      return of(KeyFactory.getInstance("Ed25519").generatePublic(encoded));
    }
  }

  static VerificationKey of(PublicKey key) throws GeneralSecurityException {
    if (!(key instanceof ECPublicKey curveKey)) {
      return new VerificationKey(key, KeyAlgorithm.ED25519);
    }
    var algorithm =
        KeyAlgorithm.of(curveKey)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("has a key on another curve than P-256 or P-384"));
    if (!KeyAlgorithm.isOnItsCurve(curveKey)) {
      throw new IllegalArgumentException("has a key that is not a point of its curve");
    }
    return new VerificationKey(key, algorithm);
  }

  /** What is said of the key in logs, such as {@code ECDSA P-256}. */
  public String algorithm() {
    return algorithm.toString();
  }

  /** The SHA-256 of its encoding; people and programs compare keys by it. */
  public Digest fingerprint() {
    return Digest.of(key.getEncoded());
  }

  /** How a bundle says which key made it; nothing vouches for that. */
  String hint() {
    return StrictBase64.encode(HexFormat.of().parseHex(fingerprint().hex()));
  }

  PublicKey publicKey() {
    return key;
  }

  /** Whether the key signed these bytes. Whatever the signature is, the answer is yes or no. */
  boolean verifies(byte[] message, byte[] signature) {
    return algorithm.signatureAlgorithms().stream()
        .anyMatch(name -> verifies(name, message, signature));
  }

  private boolean verifies(String name, byte[] message, byte[] signature) {
    try {
      var verifier = KeyAlgorithm.signature(name);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException | RuntimeException malformed) {
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerificationKey that && key.equals(that.key);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return algorithm + " " + fingerprint();
  }
}
