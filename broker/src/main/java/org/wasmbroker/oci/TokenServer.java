package org.wasmbroker.oci;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.UrlEncoding;

/** Asks a registry's token server for an access token. */
record TokenServer(RedirectFollower http, Schemes schemes, Duration time) {
  private static final int MAX_RESPONSE = 256 << 10;
  private static final int MAX_TOKEN_LENGTH = 12 << 10;
  private static final long MIN_LIFE_SECONDS = 1;
  private static final long DEFAULT_LIFE_SECONDS = 60;
  private static final long MAX_LIFE_SECONDS = 3600;

  /** However long a proof may live, it is asked for again. */
  static final Duration MAX_LIFE = Duration.ofSeconds(MAX_LIFE_SECONDS);

  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_RESPONSE, 16).withoutPositions();

  /** Never printed. */
  record Token(String text, Duration life) {
    @Override
    public String toString() {
      return "Token[***]";
    }
  }

  /**
   * @throws OciException if there is none; the message has nothing of the credentials
   */
  Token get(Challenge challenge, String scope, Optional<Credentials> credentials) {
    var realm = realm(challenge);
    var service = challenge.parameter("service");
    var answer =
        credentials.orElse(null) instanceof Credentials.IdentityToken(var identity)
            ? http.send(refresh(realm, service, scope, identity), null)
            : http.send(
                OciRequest.of("GET", withQuery(realm, service, scope), time),
                credentials.map(TokenServer::basic).orElse(null));
    var what = "no access token can be had from " + realm.origin();
    try (answer) {
      if (answer.status() != 200) {
        throw RegistryErrors.of(what, answer);
      }
      return token(what, answer.body(what, MAX_RESPONSE));
    }
  }

  private HttpUrl realm(Challenge challenge) {
    var realm = challenge.parameter("realm");
    if (realm == null) {
      throw new OciException(
          Kind.PROTOCOL, "the registry asks for an access token, and does not say from where");
    }
    try {
      var url = HttpUrl.parse(realm);
      if (schemes.allows(url)) {
        return url;
      }
      throw new OciException(
          Kind.PROTOCOL,
          "the registry's token server %s has no TLS, and registry.oci-plain-http does not list it"
              .formatted(url.origin()));
    } catch (IllegalArgumentException invalid) {
      throw new OciException(
          Kind.PROTOCOL,
          "the address of the registry's token server is not valid: " + invalid.getMessage(),
          invalid);
    }
  }

  private static HttpUrl withQuery(HttpUrl realm, @Nullable String service, String scope) {
    var query = "scope=" + UrlEncoding.encode(scope);
    return realm.withAppendedQuery(
        service == null ? query : "service=" + UrlEncoding.encode(service) + "&" + query);
  }

  private OciRequest refresh(
      HttpUrl realm, @Nullable String service, String scope, String identity) {
    var form =
        "grant_type=refresh_token&client_id=wasm-broker&scope=%s&refresh_token=%s%s"
            .formatted(
                UrlEncoding.encode(scope),
                UrlEncoding.encode(identity),
                service == null ? "" : "&service=" + UrlEncoding.encode(service));
    return OciRequest.of("POST", realm, time)
        .withBody(() -> new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
  }

  /** The header's value for credentials as they are. */
  static String basic(Credentials credentials) {
    return switch (credentials) {
      case Credentials.UserPassword(var user, var password) ->
          "Basic "
              + Base64.getEncoder()
                  .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
      case Credentials.IdentityToken(var token) -> "Bearer " + token;
      case Credentials.AccessToken(var token) -> "Bearer " + token;
    };
  }

  private static Token token(String what, byte[] body) {
    var document = READER.read("", body);
    var root = document.object();
    var text = root.string("token");
    if (text == null || text.isEmpty()) {
      text = root.string("access_token");
    }
    var life = root.integer("expires_in", Long.MIN_VALUE, Long.MAX_VALUE);
    if (document.hasProblems() || text == null || !isUsable(text)) {
      throw new OciException(Kind.PROTOCOL, what + ": its response has no token");
    }
    return new Token(
        text,
        Duration.ofSeconds(
            Math.clamp(
                life == null ? DEFAULT_LIFE_SECONDS : life, MIN_LIFE_SECONDS, MAX_LIFE_SECONDS)));
  }

  /** As a header's value. */
  private static boolean isUsable(String token) {
    return !token.isEmpty()
        && token.length() <= MAX_TOKEN_LENGTH
        && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
