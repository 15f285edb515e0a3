package org.wasmbroker.oci;

import org.wasmbroker.step.SafeText;

/**
 * Another registry that has what one registry has, or a part of it.
 *
 * @param registry that it stands in for
 * @param host of the mirror, with its port
 * @param prefix of all its repositories, such as {@code proxy/ghcr}; empty for none
 */
public record Mirror(String registry, String host, String prefix) {
  /**
   * Reads {@code registry.example=mirror.internal:5000} or {@code
   * registry.example=mirror.internal/prefix}.
   *
   * @throws IllegalArgumentException if it is anything else; the message says why
   */
  public static Mirror parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(
          "a mirror is registry=mirror, such as registry.example=mirror.internal:5000, was '"
              + SafeText.sanitize(text, 100)
              + "'");
    }
    var mirror = text.substring(equals + 1);
    int slash = mirror.indexOf('/');
    return new Mirror(
        Repository.canonical(text.substring(0, equals)),
        Repository.canonical(slash < 0 ? mirror : mirror.substring(0, slash)),
        slash < 0 ? "" : new Repository("localhost", mirror.substring(slash + 1)).path());
  }

  Repository repository(Repository original) {
    return new Repository(
        host, prefix.isEmpty() ? original.path() : prefix + "/" + original.path());
  }

  @Override
  public String toString() {
    return registry + "=" + host + (prefix.isEmpty() ? "" : "/" + prefix);
  }
}
