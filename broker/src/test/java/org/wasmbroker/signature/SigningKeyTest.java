package org.wasmbroker.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.step.Digest;

class SigningKeyTest {
  private static final Digest DIGEST = Digest.of("a manifest".getBytes(StandardCharsets.UTF_8));

  static Stream<KeyPair> kinds() {
    return Stream.of(TestKeys.p256(), TestKeys.p384(), TestKeys.of("Ed25519"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatAKeySignedItsPublicKeyVerifiesForThatDigestOnly(KeyPair keys) {
    var signer = SigningKey.parse(TestKeys.privatePem(keys));
    var document = SignatureDocument.read(signer.sign(DIGEST).bytes());

    assertThat(document.faults()).isEmpty();
    var signature = document.signatures().getFirst();
    assertThat(signature.verify(signer.publicKey(), DIGEST))
        .isEqualTo(new CosignSignature.Verdict.Valid());
    assertThat(signature.claimsToBeBy(signer.publicKey())).isTrue();
    assertThat(signature.verify(signer.publicKey(), Digest.of(new byte[0])))
        .isInstanceOf(CosignSignature.Verdict.OfSomethingElse.class);
  }

  @Test
  void aKeyOfAnotherKindOrPersonVerifiesNothing() {
    var signatures =
        kinds()
            .map(keys -> SigningKey.parse(TestKeys.privatePem(keys)).sign(DIGEST))
            .map(document -> SignatureDocument.read(document.bytes()).signatures().getFirst())
            .toList();
    kinds()
        .map(other -> VerificationKey.parse(TestKeys.publicPem(other)))
        .forEach(
            other ->
                assertThat(signatures)
                    .allSatisfy(
                        signature -> {
                          assertThat(signature.verify(other, DIGEST))
                              .isEqualTo(new CosignSignature.Verdict.NotByThisKey());
                          assertThat(signature.claimsToBeBy(other)).isFalse();
                        }));
  }

  static Stream<Arguments> unusable() {
    var keys = TestKeys.p256();
    var der = keys.getPrivate().getEncoded();
    return Stream.of(
        Arguments.of(TestKeys.publicPem(keys), "is a public key"),
        Arguments.of(TestKeys.pem("EC PRIVATE KEY", der), "openssl pkcs8 -topk8 -nocrypt"),
        Arguments.of(TestKeys.pem("ENCRYPTED PRIVATE KEY", der), "openssl pkcs8"),
        Arguments.of(TestKeys.pem("ENCRYPTED SIGSTORE PRIVATE KEY", der), "cosign import-key-pair"),
        Arguments.of(TestKeys.pem("PRIVATE KEY", new byte[] {1}), "no valid private key"),
        Arguments.of(TestKeys.privatePem(TestKeys.curve("secp521r1")), "another curve"),
        Arguments.of(TestKeys.privatePem(TestKeys.of("RSA")), "no valid private key"));
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void anythingButAPlainPrivateKeyIsRefusedWithWhatToDo(String text, String reason) {
    assertThatThrownBy(() -> SigningKey.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void printsItsPublicKeyOnly() {
    var keys = TestKeys.p256();
    assertThat(SigningKey.parse(TestKeys.privatePem(keys)))
        .hasToString("SigningKey[ECDSA P-256 " + Digest.of(keys.getPublic().getEncoded()) + "]");
  }
}
