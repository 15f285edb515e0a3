package org.wasmbroker.publish;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.step.Document;

/**
 * What {@code signature.sigstore.json} contains: one signature or an array of them. Whether they
 * are valid is not judged here.
 */
final class SignatureFile {
  private static final int MAX_SIGNATURES = 16;
  private static final int MAX_DEPTH = 20;
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, PackageFiles.MAX_SIGNATURE_BYTES, MAX_DEPTH);

  private SignatureFile() {}

  /**
   * @throws PackageRefusedException if it is not JSON, or has too many
   */
  static List<Document> split(Document file) {
    var parsed = JSON.read(PackageFiles.SIGNATURE, file.bytes());
    if (parsed.hasProblems()) {
      throw new PackageRefusedException(parsed.problems().getFirst().toString());
    }
    var root = parsed.root();
    if (!root.isArray()) {
      return List.of(file);
    }
    if (root.size() > MAX_SIGNATURES) {
      throw new PackageRefusedException(
          "%s has more than %d signatures".formatted(PackageFiles.SIGNATURE, MAX_SIGNATURES));
    }
    var signatures = new ArrayList<Document>();
    root.forEach(signature -> signatures.add(Document.of(signature.toString())));
    return signatures;
  }

  /** Both together, each once. */
  static Document join(List<Document> before, List<Document> added) {
    var all = new ArrayList<>(before);
    added.stream().filter(signature -> !before.contains(signature)).forEach(all::add);
    if (all.size() > MAX_SIGNATURES) {
      throw new PackageRefusedException(
          "there are %d signatures already, the maximum".formatted(before.size()));
    }
    return all.size() == 1
        ? all.getFirst()
        : Document.of(
            all.stream().map(Document::text).collect(Collectors.joining(",\n", "[", "]\n")));
  }

  /** Whether it has the form that a registry keeps beside the release. */
  static boolean isBundle(Document signature) {
    var parsed = JSON.read("", signature.bytes());
    return !parsed.hasProblems() && parsed.root().path("mediaType").asString("").startsWith(BUNDLE);
  }
}
