package org.wasmbroker.capability;

import java.util.Set;

/**
 * The secrets that a manifest requests: to read them, or to have them injected into requests.
 *
 * @param names none if {@code all}
 * @param all whether it requests whatever is granted, as a handler does whose steps name the
 *     secrets
 */
public record SecretRequest(Set<SecretName> names, boolean all) {
  public static final SecretRequest NONE = new SecretRequest(Set.of(), false);
  public static final SecretRequest ALL = new SecretRequest(Set.of(), true);

  public SecretRequest {
    names = Set.copyOf(names);
  }

  public static SecretRequest of(SecretName... names) {
    return new SecretRequest(Set.of(names), false);
  }

  boolean includes(SecretName name) {
    return all || names.contains(name);
  }
}
