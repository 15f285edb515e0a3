package org.wasmbroker.signature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;

/**
 * The public key of a private key, which the JDK does not tell. It is computed once, when a person
 * signs; that the time it takes depends on the key is of no use to anybody there.
 */
final class PublicKeys {
  private static final BigInteger TWO = BigInteger.TWO;
  private static final BigInteger THREE = BigInteger.valueOf(3);

  private PublicKeys() {}

  /** The generator of the curve, multiplied by the key. */
  static PublicKey of(ECPrivateKey key) throws GeneralSecurityException {
    var curve = key.getParams();
    var secret = key.getS();
    if (secret.signum() <= 0 || secret.compareTo(curve.getOrder()) >= 0) {
      throw new IllegalArgumentException("has a private key that its curve does not have");
    }
    var point = ECPoint.POINT_INFINITY;
    for (int bit = secret.bitLength() - 1; bit >= 0; bit--) {
      point = add(point, point, curve);
      if (secret.testBit(bit)) {
        point = add(point, curve.getGenerator(), curve);
      }
    }
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve));
  }

  private static ECPoint add(ECPoint one, ECPoint other, ECParameterSpec curve) {
    if (one.equals(ECPoint.POINT_INFINITY)) {
      return other;
    }
    if (other.equals(ECPoint.POINT_INFINITY)) {
      return one;
    }
    var p = ((ECFieldFp) curve.getCurve().getField()).getP();
    var x1 = one.getAffineX();
    var y1 = one.getAffineY();
    boolean sameX = x1.equals(other.getAffineX());
    if (sameX && !y1.equals(other.getAffineY())) {
      return ECPoint.POINT_INFINITY;
    }
    var rise =
        sameX
            ? x1.pow(2).multiply(THREE).add(curve.getCurve().getA())
            : other.getAffineY().subtract(y1);
    var run = sameX ? y1.multiply(TWO) : other.getAffineX().subtract(x1);
    var slope = rise.multiply(run.modInverse(p)).mod(p);
    var x3 = slope.pow(2).subtract(x1).subtract(other.getAffineX()).mod(p);
    return new ECPoint(x3, slope.multiply(x1.subtract(x3)).subtract(y1).mod(p));
  }

  /** Generating a key pair from the bytes of the private key gives the public key. */
  static PublicKey of(PrivateKey key) throws GeneralSecurityException {
    var secret =
        ((EdECPrivateKey) key)
            .getBytes()
            .orElseThrow(() -> new GeneralSecurityException("the key has no bytes"));
    var generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(255, new FixedBytes(secret));
    return generator.generateKeyPair().getPublic();
  }

  private static final class FixedBytes extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient byte[] bytes;

    FixedBytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] target) {
      System.arraycopy(bytes, 0, target, 0, target.length);
    }
  }
}
