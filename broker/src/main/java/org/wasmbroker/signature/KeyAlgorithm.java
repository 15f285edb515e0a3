package org.wasmbroker.signature;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EdDSAParameterSpec;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of key that can sign. The key decides which signature algorithms are tried, never the
 * signature: so one kind cannot pass for another.
 */
enum KeyAlgorithm {
  ECDSA_P256("ECDSA P-256", "secp256r1"),
  ECDSA_P384("ECDSA P-384", "secp384r1"),
  ED25519("Ed25519", "Ed25519");

  private static final String PRE_HASHED = "Ed25519ph";

  private final String display;
  private final String curve;

  KeyAlgorithm(String display, String curve) {
    this.display = display;
    this.curve = curve;
  }

  /**
   * How a signature of such a key is verified; the first is how one is made. cosign 3 makes the
   * second of two and verifies the first, so that it refuses some signatures of its own; both are
   * accepted here.
   */
  List<String> signatureAlgorithms() {
    return switch (this) {
      case ECDSA_P256 -> List.of("SHA256withECDSA");
      case ECDSA_P384 -> List.of("SHA256withECDSA", "SHA384withECDSA");
      case ED25519 -> List.of("Ed25519", PRE_HASHED);
    };
  }

  /** An object that makes or verifies such signatures. */
  static Signature signature(String algorithm) throws GeneralSecurityException {
    if (!algorithm.equals(PRE_HASHED)) {
      return Signature.getInstance(algorithm);
    }
    var signature = Signature.getInstance("Ed25519");
    signature.setParameter(new EdDSAParameterSpec(true));
    return signature;
  }

  @Override
  public String toString() {
    return display;
  }

  /** That of a key on an elliptic curve, if it is one of ours. */
  static Optional<KeyAlgorithm> of(ECKey key) throws GeneralSecurityException {
    for (var candidate : List.of(ECDSA_P256, ECDSA_P384)) {
      if (sameCurve(candidate.parameters(), key.getParams())) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  ECParameterSpec parameters() throws GeneralSecurityException {
    var parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    return parameters.getParameterSpec(ECParameterSpec.class);
  }

  private static boolean sameCurve(ECParameterSpec one, ECParameterSpec other) {
    return one.getCurve().equals(other.getCurve())
        && one.getGenerator().equals(other.getGenerator())
        && one.getOrder().equals(other.getOrder())
        && one.getCofactor() == other.getCofactor();
  }

  /** A point beside the curve is no key, though it can be written as one. */
  static boolean isOnItsCurve(ECPublicKey key) {
    var point = key.getW();
    var curve = key.getParams().getCurve();
    if (point.equals(ECPoint.POINT_INFINITY) || !(curve.getField() instanceof ECFieldFp field)) {
      return false;
    }
    var p = field.getP();
    var x = point.getAffineX();
    var y = point.getAffineY();
    boolean inField = isBelow(x, p) && isBelow(y, p);
    var right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB()).mod(p);
    return inField && y.pow(2).mod(p).equals(right);
  }

  private static boolean isBelow(BigInteger number, BigInteger bound) {
    return number.signum() >= 0 && number.compareTo(bound) < 0;
  }
}
