package org.wasmbroker.signature;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.SafeText;

/**
 * Reads signature documents, which anybody can have written: a bundle of cosign 3, the object that
 * {@code cosign download signature} prints for the older form, or an array of these.
 */
final class SignatureReader {
  static final int MAX_BYTES = 64 << 10;
  private static final int MAX_SIGNATURES = 16;
  private static final int MAX_SIGNATURE_BYTES = 1024;
  static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, MAX_BYTES, 20).withoutPositions();

  private SignatureReader() {}

  /** One that cannot be read is a fault and does not keep the others from being used. */
  static SignatureDocument read(byte[] bytes) {
    var document = JSON.read("", bytes);
    if (document.hasProblems()) {
      return new SignatureDocument(List.of(), List.of(Problem.join(document.problems())));
    }
    if (!document.root().isArray()) {
      return read(List.of(document.value()));
    }
    return document.root().size() > MAX_SIGNATURES
        ? new SignatureDocument(
            List.of(),
            List.of(
                "has %d signatures; at most %d are read"
                    .formatted(document.root().size(), MAX_SIGNATURES)))
        : read(document.value().elements());
  }

  private static SignatureDocument read(List<DocumentValue> elements) {
    var signatures = new ArrayList<CosignSignature>();
    var faults = new ArrayList<String>();
    for (var element : elements) {
      // Each is a document of its own, whose problems are its own.
      var document = JSON.read("", element.json().toString().getBytes(StandardCharsets.UTF_8));
      var signature = signature(document.object());
      if (document.hasProblems()) {
        faults.add(Problem.join(document.problems()));
      } else {
        signature.ifPresent(signatures::add);
      }
    }
    return new SignatureDocument(signatures, faults);
  }

  private static Optional<CosignSignature> signature(ObjectReader root) {
    return root.has("Base64Signature") ? simple(root) : bundle(root);
  }

  private static Optional<CosignSignature> bundle(ObjectReader root) {
    var mediaType = required(root, "mediaType");
    if (mediaType != null && !mediaType.equals(BUNDLE)) {
      root.problem(
          "mediaType", "must be %s, was '%s'".formatted(BUNDLE, SafeText.sanitize(mediaType, 100)));
    }
    var hint = hint(root.object("verificationMaterial"));
    if (root.has("messageSignature")) {
      root.problem(
          "is a signature of a file, as `cosign sign-blob` makes it; what is needed is one of"
              + " `cosign sign`");
      return Optional.empty();
    }
    var envelope = root.object("dsseEnvelope");
    var payloadType = required(envelope, "payloadType");
    if (payloadType != null && !payloadType.equals(DsseEnvelope.IN_TOTO)) {
      envelope.problem(
          "payloadType",
          "must be %s, was '%s'"
              .formatted(DsseEnvelope.IN_TOTO, SafeText.sanitize(payloadType, 100)));
    }
    var payload = bytes(envelope, "payload", MAX_BYTES);
    var signature = onlySignature(envelope);
    envelope.finish();
    root.finish();
    if (payloadType == null || payload == null || signature == null) {
      return Optional.empty();
    }
    var signedBytes = DsseEnvelope.signedBytes(payloadType, payload);
    return Optional.of(
        new CosignSignature(CosignSignature.Form.BUNDLE, hint, payload, signedBytes, signature));
  }

  /** Entries of a transparency log and timestamps may be there; with a key, nothing follows. */
  private static @Nullable String hint(ObjectReader material) {
    if (material.has("certificate") || material.has("x509CertificateChain")) {
      material.problem(
          "has a certificate: signatures without a key of one's own are not supported");
    }
    for (var name :
        List.of(
            "tlogEntries", "timestampVerificationData", "certificate", "x509CertificateChain")) {
      var _ = material.member(name);
    }
    var key = material.object("publicKey");
    var hint = key.string("hint");
    key.finish();
    material.finish();
    return hint;
  }

  /** The specification of bundles demands exactly one. */
  private static byte @Nullable [] onlySignature(ObjectReader envelope) {
    var signatures =
        envelope.array(
            "signatures",
            1,
            item -> {
              var signature = item.object();
              var bytes = bytes(signature, "sig", MAX_SIGNATURE_BYTES);
              var _ = signature.string("keyid");
              signature.finish();
              return Optional.ofNullable(bytes);
            });
    if (!envelope.has("signatures") || signatures.isEmpty()) {
      envelope.problem("signatures", "must have one element");
      return null;
    }
    return signatures.getFirst();
  }

  private static Optional<CosignSignature> simple(ObjectReader root) {
    var signature = bytes(root, "Base64Signature", MAX_SIGNATURE_BYTES);
    var payload = bytes(root, "Payload", MAX_BYTES);
    for (var name : List.of("Cert", "Chain", "Bundle", "RFC3161Timestamp")) {
      var _ = root.member(name);
    }
    root.finish();
    return signature == null || payload == null
        ? Optional.empty()
        : Optional.of(
            new CosignSignature(CosignSignature.Form.SIMPLE, null, payload, payload, signature));
  }

  private static @Nullable String required(ObjectReader object, String name) {
    if (!object.has(name)) {
      object.problem(name, "is missing");
    }
    return object.string(name);
  }

  private static byte @Nullable [] bytes(ObjectReader object, String name, int max) {
    if (!object.has(name)) {
      object.problem(name, "is missing");
    }
    return object.value(
        name,
        text -> {
          var bytes = StrictBase64.decode(text);
          if (bytes.length == 0 || bytes.length > max) {
            throw new IllegalArgumentException(
                "must have 1 to %d bytes, has %d".formatted(max, bytes.length));
          }
          return bytes;
        });
  }
}
