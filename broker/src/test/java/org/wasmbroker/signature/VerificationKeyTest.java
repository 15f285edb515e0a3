package org.wasmbroker.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.interfaces.ECPublicKey;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.step.Digest;

class VerificationKeyTest {
  @Test
  void readsEachKindOfKeyAndTellsIt() {
    assertThat(read(TestKeys.publicPem(TestKeys.p256())).algorithm()).isEqualTo("ECDSA P-256");
    assertThat(read(TestKeys.publicPem(TestKeys.p384())).algorithm()).isEqualTo("ECDSA P-384");
    assertThat(read(TestKeys.publicPem(TestKeys.of("Ed25519"))).algorithm()).isEqualTo("Ed25519");
  }

  @Test
  void theFingerprintIsTheDigestOfTheEncodedKey() {
    var keys = TestKeys.p256();
    assertThat(read(TestKeys.publicPem(keys)).fingerprint())
        .isEqualTo(Digest.of(keys.getPublic().getEncoded()));
  }

  static Stream<Arguments> unusable() {
    var key = TestKeys.p256();
    var pem = TestKeys.publicPem(key);
    var der = key.getPublic().getEncoded();
    var beside = der.clone();
    beside[beside.length - 1] ^= 1;
    var trailing = java.util.Arrays.copyOf(der, der.length + 1);
    return Stream.of(
        Arguments.of("", "is not PEM"),
        Arguments.of("ssh-ed25519 AAAA", "is not PEM"),
        Arguments.of(pem + pem, "has 2 PEM blocks"),
        Arguments.of("# mine\n" + pem, "text beside it"),
        Arguments.of(pem.replace("-----END PUBLIC KEY-----", ""), "incomplete"),
        Arguments.of(pem.replace("END PUBLIC KEY", "END RSA KEY"), "incomplete"),
        Arguments.of(TestKeys.pem("CERTIFICATE", der), "openssl x509"),
        Arguments.of(TestKeys.privatePem(key), "is a private key"),
        Arguments.of(TestKeys.pem("RSA PUBLIC KEY", der), "was RSA PUBLIC KEY"),
        Arguments.of(TestKeys.publicPem(TestKeys.of("RSA")), "no valid key"),
        Arguments.of(TestKeys.publicPem(TestKeys.of("X25519")), "no valid key"),
        Arguments.of(TestKeys.publicPem(TestKeys.curve("secp521r1")), "another curve"),
        Arguments.of(TestKeys.pem("PUBLIC KEY", beside), "not a point of its curve"),
        Arguments.of(TestKeys.pem("PUBLIC KEY", trailing), ""),
        Arguments.of(TestKeys.pem("PUBLIC KEY", new byte[] {0x30, 0}), "no valid key"),
        Arguments.of("x".repeat(20_000), "at most 16384"),
        Arguments.of(pem.replaceFirst("M", "!"), "incomplete"));
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void anythingButOneKeyOfTheseKindsIsRefusedWithItsReason(String text, String reason) {
    assertThatThrownBy(() -> VerificationKey.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void thePublicKeyOfEachPrivateKeyIsTheOneThatBelongsToIt() {
    for (int i = 0; i < 20; i++) {
      for (var keys :
          Stream.of(TestKeys.p256(), TestKeys.p384(), TestKeys.of("Ed25519")).toList()) {
        var signer = SigningKey.parse(TestKeys.privatePem(keys));
        assertThat(signer.publicKey()).isEqualTo(read(TestKeys.publicPem(keys)));
        if (keys.getPublic() instanceof ECPublicKey point) {
          assertThat(KeyAlgorithm.isOnItsCurve(point)).isTrue();
        }
      }
    }
  }

  private static VerificationKey read(String pem) {
    return VerificationKey.parse(pem);
  }
}
