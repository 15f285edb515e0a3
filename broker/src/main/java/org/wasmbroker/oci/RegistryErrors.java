package org.wasmbroker.oci;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.SafeText;

/** What a response other than the expected one means. */
final class RegistryErrors {
  private static final int MAX_BODY = 16 << 10;
  private static final int MAX_TEXT = 200;
  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_BODY, 16).withoutPositions();

  private RegistryErrors() {}

  /**
   * The exception for a response; closes it.
   *
   * @param what could not be done, such as {@code the manifest of … cannot be read}
   */
  static OciException of(String what, Answer answer) {
    try (answer) {
      return new OciException(
          kind(answer.status()),
          "%s: the registry %s responds %d%s%s"
              .formatted(
                  what,
                  answer.url().origin(),
                  answer.status(),
                  said(answer),
                  remedy(answer.status())));
    }
  }

  private static String remedy(int status) {
    return status == 401
        ? "; check what the file of credentials has for it (registry.oci-auth-file, or"
            + " ~/.docker/config.json)"
        : "";
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 401 -> Kind.UNAUTHORIZED;
      case 403 -> Kind.DENIED;
      case 404 -> Kind.NOT_FOUND;
      case 413 -> Kind.TOO_LARGE;
      default -> isTransient(status) ? Kind.UNAVAILABLE : Kind.PROTOCOL;
    };
  }

  static boolean isTransient(int status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
  }

  /** The first error of the body, or nothing. */
  private static String said(Answer answer) {
    var document = READER.read("", answer.bodyStart(MAX_BODY));
    if (document.hasProblems()) {
      return "";
    }
    var said = said(document);
    return said == null ? "" : " (" + SafeText.sanitize(said, MAX_TEXT) + ")";
  }

  private static @Nullable String said(ParsedDocument document) {
    var error = document.root().path("errors").path(0);
    var code = error.path("code").asString("");
    var message = error.path("message").asString("");
    if (code.isEmpty() && message.isEmpty()) {
      return null;
    }
    return code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
  }
}
