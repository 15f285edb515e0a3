package org.wasmbroker.oci;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.HttpUrl;

/**
 * A repository of a registry.
 *
 * @param registry host, and port unless it is the scheme's: {@code registry.example}, {@code
 *     127.0.0.1:5000}, {@code [::1]:5000}
 * @param path such as {@code handlers/hello}, as it was written: no names are added to it
 */
public record Repository(String registry, String path) {
  private static final int MAX_PATH_LENGTH = 255;
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");

  public Repository {
    registry = canonical(registry);
    if (path.length() > MAX_PATH_LENGTH || !PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "a repository consists of lower-case letters and digits, separated by single '.', '_',"
              + " '-' and '/', and has at most %d characters; was '%s'"
                  .formatted(MAX_PATH_LENGTH, SafeText.sanitize(path, 100)));
    }
  }

  /** Host in its canonical form, and port. */
  static String canonical(String registry) {
    if (registry.contains("/") || registry.contains("?") || registry.contains("#")) {
      throw invalid(registry, "has characters that no host has");
    }
    try {
      // A port that is the scheme's default is kept, as the scheme is not known yet.
      var url = HttpUrl.parse("https://" + registry);
      return registry.endsWith(":443") ? url.host().text() + ":443" : url.authority();
    } catch (IllegalArgumentException refused) {
      throw invalid(registry, String.valueOf(refused.getMessage()));
    }
  }

  private static IllegalArgumentException invalid(String registry, String why) {
    return new IllegalArgumentException(
        "a registry is host or host:port, was '%s': %s"
            .formatted(SafeText.sanitize(registry, 100), why));
  }

  /**
   * Reads {@code oci://registry.example/handlers/hello}; the scheme may be absent where the host
   * cannot be mistaken.
   *
   * @throws IllegalArgumentException if it is anything else, such as a reference with a tag
   */
  public static Repository parse(String text) {
    var reference = Reference.parse(text);
    if (reference.tag() != null || reference.digest() != null) {
      throw new IllegalArgumentException(
          "a repository has no tag and no digest, was '" + SafeText.sanitize(text, 300) + "'");
    }
    return reference.repository();
  }

  /** The last part of the path. */
  public String lastName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    return registry + "/" + path;
  }
}
