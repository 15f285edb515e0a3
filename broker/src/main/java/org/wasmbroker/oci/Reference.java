package org.wasmbroker.oci;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.SafeText;

/**
 * A manifest in a repository, by tag, by digest, or by both; with both, the digest counts. With
 * neither it is the repository as such.
 */
public record Reference(Repository repository, @Nullable String tag, @Nullable Digest digest) {
  private static final String SCHEME = "oci://";
  private static final int MAX_LENGTH = 1000;
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  public Reference {
    if (tag != null && !isTag(tag)) {
      throw new IllegalArgumentException(
          "a tag has 1 to 128 letters, digits, '_', '.' and '-', and does not begin with '.' or"
              + " '-'; was '%s'".formatted(SafeText.sanitize(tag, 150)));
    }
  }

  /**
   * Reads {@code oci://host[:port]/repository[:tag][@sha256:…]}. The scheme may be absent if the
   * host cannot be mistaken for a part of the repository: it has a dot or a port, or is {@code
   * localhost}. Nothing is added: no default registry, no default tag.
   *
   * @throws IllegalArgumentException if it is not valid; the message says why
   */
  public static Reference parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw invalid(text, "it is too long");
    }
    boolean hasScheme = text.startsWith(SCHEME);
    var rest = hasScheme ? text.substring(SCHEME.length()) : text;
    if (rest.contains("://")) {
      throw invalid(text, "its scheme is oci://, whether the registry speaks HTTPS or HTTP");
    }
    int slash = rest.indexOf('/');
    if (slash < 0) {
      throw invalid(text, "it has no repository");
    }
    var registry = rest.substring(0, slash);
    if (!hasScheme && !isUnmistakable(registry)) {
      throw invalid(text, "it must begin with oci:// and the registry's host");
    }
    return parsePath(text, registry, rest.substring(slash + 1));
  }

  private static Reference parsePath(String text, String registry, String rest) {
    int at = rest.indexOf('@');
    var named = at < 0 ? rest : rest.substring(0, at);
    int colon = named.lastIndexOf(':');
    var path = colon < 0 ? named : named.substring(0, colon);
    try {
      return new Reference(
          new Repository(registry, path),
          colon < 0 ? null : named.substring(colon + 1),
          at < 0 ? null : Descriptor.digest(rest.substring(at + 1)));
    } catch (IllegalArgumentException wrong) {
      throw invalid(text, String.valueOf(wrong.getMessage()));
    }
  }

  private static boolean isUnmistakable(String registry) {
    return registry.contains(".") || registry.contains(":") || registry.equals("localhost");
  }

  private static IllegalArgumentException invalid(String text, String why) {
    return new IllegalArgumentException(
        "'%s' is not a reference such as oci://registry.example/handlers/hello:1.0.0: %s"
            .formatted(SafeText.sanitize(text, 300), why));
  }

  static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }

  public static Reference of(Repository repository, String tag) {
    return new Reference(repository, tag, null);
  }

  public static Reference of(Repository repository, Digest digest) {
    return new Reference(repository, null, digest);
  }

  /** Whether it names a manifest, and not only a repository. */
  public boolean namesManifest() {
    return tag != null || digest != null;
  }

  /** The digest, or else the tag, as URLs name a manifest. */
  String manifestName() {
    if (digest != null) {
      return Descriptor.text(digest);
    }
    if (tag != null) {
      return tag;
    }
    throw new IllegalArgumentException(repository + " has neither tag nor digest");
  }

  @Override
  public String toString() {
    return SCHEME
        + repository
        + (tag == null ? "" : ":" + tag)
        + (digest == null ? "" : "@" + Descriptor.text(digest));
  }
}
