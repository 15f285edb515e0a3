package org.wasmbroker.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.signature.CosignSignature.Verdict;
import org.wasmbroker.step.Digest;

/** What cosign itself wrote is understood as cosign means it. */
class CosignFilesTest {
  private static final List<String> KEYS = List.of("p256", "p384", "ed25519");
  private static final Digest DIGEST = Digest.of(file("manifest.json"));

  @ParameterizedTest
  @ValueSource(strings = {"bundle", "simple"})
  void eachFormOfEachKindOfKeyIsVerifiedByItsOwnKeyOnly(String form) {
    for (var signer : KEYS) {
      var document = SignatureDocument.read(file(form + "-" + signer + ".json"));
      assertThat(document.faults()).isEmpty();
      var signature = document.signatures().getFirst();
      for (var key : KEYS) {
        assertThat(signature.verify(key(key), DIGEST))
            .as("by %s, verified with %s", signer, key)
            .isEqualTo(key.equals(signer) ? new Verdict.Valid() : new Verdict.NotByThisKey());
        assertThat(signature.claimsToBeBy(key(key)))
            .isEqualTo(form.equals("bundle") && key.equals(signer));
      }
      assertThat(signature.verify(key(signer), Digest.of(new byte[0])))
          .isInstanceOf(Verdict.OfSomethingElse.class);
    }
  }

  @Test
  void anAttestationByTheSameKeyIsNoSignature() {
    var attestation = SignatureDocument.read(file("bundle-p256-attestation.json"));
    assertThat(attestation.signatures().getFirst().verify(key("p256"), DIGEST))
        .isInstanceOfSatisfying(
            Verdict.OfSomethingElse.class,
            refused -> assertThat(refused.reason()).contains("/predicateType"));
  }

  @Test
  void theSignatureOfAFileByTheSameKeyIsNoSignatureOfARelease() {
    var blob = SignatureDocument.read(file("blob-p256.json"));
    assertThat(blob.signatures()).isEmpty();
    assertThat(blob.faults()).singleElement().asString().contains("cosign sign-blob");
  }

  private static VerificationKey key(String name) {
    return VerificationKey.parse(new String(file(name + ".pub"), UTF_8));
  }

  private static byte[] file(String name) {
    try (var stream = CosignFilesTest.class.getResourceAsStream("cosign/" + name)) {
      return stream.readAllBytes();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
