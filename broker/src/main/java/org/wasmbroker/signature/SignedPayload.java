package org.wasmbroker.signature;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.SafeText;

/** What a payload says once its signature is known to be right. */
sealed interface SignedPayload {
  /**
   * What cosign's command {@code sign} means; an attestation by the same key means another thing.
   */
  String PREDICATE_TYPE = "https://sigstore.dev/cosign/sign/v1";

  String STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
  Set<String> SIMPLE_TYPES = Set.of("cosign container image signature", PREDICATE_TYPE);

  int MAX_SUBJECTS = 100;
  String DIGEST_PREFIX = "sha256:";
  DocumentReader JSON =
      new DocumentReader(Syntax.JSON, SignatureReader.MAX_BYTES, 20).withoutPositions();

  /** It is a signature of these digests, in the order in which they were written. */
  record Names(Set<Digest> digests) implements SignedPayload {}

  /**
   * @param reason a phrase that follows "the signature"
   */
  record Unusable(String reason) implements SignedPayload {}

  /** An in-toto statement. Members that are not known are ignored, as its specification demands. */
  static SignedPayload ofStatement(byte[] payload) {
    return read(
        payload,
        statement -> {
          require(statement, "_type", Set.of(STATEMENT_TYPE));
          require(statement, "predicateType", Set.of(PREDICATE_TYPE));
          return new LinkedHashSet<>(
              statement.array("subject", MAX_SUBJECTS, SignedPayload::subject));
        });
  }

  /** A subject without a SHA-256 digest is one that says nothing about what is verified here. */
  private static Optional<Digest> subject(DocumentValue subject) {
    return Optional.ofNullable(subject.object().object("digest").value("sha256", Digest::new));
  }

  /** The payload of the older form. */
  static SignedPayload ofSimpleSigning(byte[] payload) {
    return read(
        payload,
        root -> {
          var critical = root.object("critical");
          require(critical, "type", SIMPLE_TYPES);
          var digest =
              critical.object("image").value("docker-manifest-digest", SignedPayload::prefixed);
          return digest == null ? Set.of() : Set.of(digest);
        });
  }

  private static Digest prefixed(String text) {
    if (!text.startsWith(DIGEST_PREFIX)) {
      throw new IllegalArgumentException("must begin with " + DIGEST_PREFIX);
    }
    return new Digest(text.substring(DIGEST_PREFIX.length()));
  }

  private static void require(ObjectReader object, String name, Set<String> expected) {
    var value = object.string(name);
    if (value == null) {
      object.problem(name, "is missing; must be " + String.join(" or ", expected));
    } else if (!expected.contains(value)) {
      object.problem(
          name,
          "must be %s, was '%s'"
              .formatted(String.join(" or ", expected), SafeText.sanitize(value, 100)));
    }
  }

  private static SignedPayload read(byte[] payload, Function<ObjectReader, Set<Digest>> digests) {
    var document = JSON.read("", payload);
    if (!document.hasProblems()) {
      var named = digests.apply(document.object());
      if (!document.hasProblems()) {
        return new Names(named);
      }
    }
    return new Unusable("cannot be used: its payload: " + Problem.join(document.problems()));
  }
}
