package org.wasmbroker.registry.trust;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.wasmbroker.grant.trust.SignatureRule;
import org.wasmbroker.grant.trust.TrustKey;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.signature.CosignSignature;
import org.wasmbroker.signature.CosignSignature.Verdict;
import org.wasmbroker.signature.SignatureDocument;
import org.wasmbroker.step.Digest;

/** Compares the signatures of one release with the demands of the policy, at one moment. */
final class SignatureJudge {
  /** More are not looked at, so that a stranger's thousand cost nothing. */
  private static final int MAX_SIGNATURES = 16;

  private static final int MAX_NOTES = 4;

  private final Digest digest;
  private final Instant now;
  private final List<CosignSignature> signatures = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * @param digest what a signature has to name
   */
  SignatureJudge(Digest digest, Provenance provenance, Instant now) {
    this.digest = digest;
    this.now = now;
    for (var document : provenance.signatures()) {
      var read = SignatureDocument.read(document.bytes());
      signatures.addAll(read.signatures());
      read.faults().forEach(fault -> notes.add("a signature that cannot be read: " + fault));
    }
    if (signatures.size() > MAX_SIGNATURES) {
      notes.add("of its %d signatures, %d count".formatted(signatures.size(), MAX_SIGNATURES));
      signatures.subList(MAX_SIGNATURES, signatures.size()).clear();
    }
  }

  /** Why a rule is not met; empty if it is. */
  Optional<String> unmet(SignatureRule rule) {
    var signers = rule.keys().stream().filter(this::signed).toList();
    boolean met = rule.all() ? signers.size() == rule.keys().size() : !signers.isEmpty();
    return met ? Optional.empty() : Optional.of(reason(rule));
  }

  private String reason(SignatureRule rule) {
    var found =
        signatures.isEmpty() && notes.isEmpty()
            ? "it has no signature"
            : notes.isEmpty()
                ? "its %d %s by other keys"
                    .formatted(
                        signatures.size(),
                        signatures.size() == 1 ? "signature is" : "signatures are")
                : String.join("; ", notes.stream().limit(MAX_NOTES).toList());
    return "needs a signature by %s (%s): %s".formatted(rule.describe(), rule.location(), found);
  }

  private boolean signed(TrustKey key) {
    boolean valid = false;
    for (var signature : signatures) {
      switch (signature.verify(key.key(), digest)) {
        case Verdict.Valid _ -> valid = true;
        case Verdict.OfSomethingElse(var reason) ->
            notes.add("the signature by key %s %s".formatted(key.name(), reason));
        case Verdict.NotByThisKey _ -> {
          if (signature.claimsToBeBy(key.key())) {
            notes.add("a signature says that it is by key %s and is not".formatted(key.name()));
          }
        }
      }
    }
    return valid && isAccepted(key);
  }

  private boolean isAccepted(TrustKey key) {
    if (key.isOver(now)) {
      notes.add(
          "it is signed by key %s, whose time was over at %s"
              .formatted(key.name(), key.notAfter()));
    } else if (key.isBeforeItsTime(now)) {
      notes.add(
          "it is signed by key %s, whose time begins at %s".formatted(key.name(), key.notBefore()));
    }
    return key.isAcceptedAt(now);
  }
}
