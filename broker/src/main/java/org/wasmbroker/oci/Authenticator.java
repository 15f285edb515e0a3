package org.wasmbroker.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.TimeSource;

/**
 * Proves to registries who asks. Nothing is sent before a registry asks for it; what it then
 * accepted is sent at once the next time, until it expires. Thread-safe.
 */
final class Authenticator {
  private static final int MAX_KNOWN = 1000;

  private final CredentialStore store;
  private final TokenServer tokens;
  private final TimeSource time;

  /** What was accepted for a registry and a scope. */
  private final Map<String, Proof> known = new ConcurrentHashMap<>();

  /**
   * @param until on the monotonic clock
   */
  private record Proof(String header, long until) {}

  Authenticator(CredentialStore store, TokenServer tokens, TimeSource time) {
    this.store = store;
    this.tokens = tokens;
    this.time = time;
  }

  /** The header's value that is accepted as far as is known, or null. */
  @Nullable String known(Access access) {
    var key = key(access);
    var proof = known.get(key);
    if (proof != null && proof.until() - time.nanos() <= 0) {
      known.remove(key, proof);
      return null;
    }
    return proof == null ? null : proof.header();
  }

  void forget(Access access) {
    known.remove(key(access));
  }

  /**
   * The header's value that answers a registry's challenges.
   *
   * @throws OciException if there are no credentials for it, or none of the challenges can be
   *     answered
   */
  String answer(List<String> headers, Access access) {
    var challenges = Challenge.parse(headers);
    var proof = answer(find(challenges, "bearer"), find(challenges, "basic"), access);
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    known.put(key(access), proof);
    return proof.header();
  }

  private Proof answer(Optional<Challenge> bearer, Optional<Challenge> basic, Access access) {
    if (bearer.isEmpty() && basic.isEmpty()) {
      throw new OciException(
          Kind.UNAUTHORIZED,
          "the registry %s asks for credentials in a way that is not supported; Basic and Bearer"
                  .formatted(access.repository().registry())
              + " are");
    }
    var credentials = store.find(access.repository());
    if (bearer.isPresent() && !(credentials.orElse(null) instanceof Credentials.AccessToken)) {
      var token =
          tokens.get(bearer.orElseThrow(), scope(bearer.orElseThrow(), access), credentials);
      // A little earlier, so that it does not expire on its way.
      long life = token.life().toNanos();
      return new Proof("Bearer " + token.text(), time.nanos() + life - life / 10);
    }
    return credentials
        .map(
            given ->
                new Proof(TokenServer.basic(given), time.nanos() + TokenServer.MAX_LIFE.toNanos()))
        .orElseThrow(
            () ->
                new OciException(
                    Kind.UNAUTHORIZED,
                    "the registry %s asks for credentials, and there are none for it: %s"
                        .formatted(access.repository().registry(), store.location())));
  }

  /** Ours, unless the registry names the repository otherwise. */
  private static String scope(Challenge bearer, Access access) {
    var named = bearer.parameter("scope");
    return named == null || named.isBlank() || named.startsWith(access.repositoryScope())
        ? access.scope()
        : named;
  }

  private static Optional<Challenge> find(List<Challenge> challenges, String scheme) {
    return challenges.stream().filter(challenge -> challenge.scheme().equals(scheme)).findFirst();
  }

  private static String key(Access access) {
    return access.repository().registry() + " " + access.scope();
  }
}
