package org.wasmbroker.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * A token server for {@link RegistryServer}, as Docker's specification of token authentication
 * describes it. Whoever has the password may do everything, anybody else may read.
 */
public final class RegistryTokens implements AutoCloseable {
  static final String SERVICE = "test-registry";
  static final String ISSUER = "test-issuer";
  public static final String IDENTITY_TOKEN = "identity-of-ada";

  private final HttpServer server;
  private final TlsServer.Identity identity;
  private final int lifeSeconds;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private RegistryTokens(HttpServer server, TlsServer.Identity identity, int lifeSeconds) {
    this.server = server;
    this.identity = identity;
    this.lifeSeconds = lifeSeconds;
  }

  public static RegistryTokens start(TlsServer.Identity identity, int lifeSeconds) {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      var tokens = new RegistryTokens(HttpServer.create(address, 50), identity, lifeSeconds);
      tokens.server.createContext("/", tokens::respond);
      tokens.server.start();
      return tokens;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  Path certificate() {
    return identity.certificate();
  }

  /** The scopes that were asked for, each with {@code as ada} or {@code anonymously}. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void respond(HttpExchange exchange) throws IOException {
    try (exchange) {
      var form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var query = exchange.getRequestURI().getRawQuery();
      var parameters = parameters(form.isEmpty() && query != null ? query : form);
      var scope = parameters.getOrDefault("scope", "");
      var authorization = exchange.getRequestHeaders().getFirst("Authorization");
      boolean known =
          IDENTITY_TOKEN.equals(parameters.get("refresh_token")) || basic().equals(authorization);
      requests.add(scope + (known ? " as ada" : " anonymously"));
      if (!known && (authorization != null || !form.isEmpty())) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      var body =
          "{\"token\":\"%s\",\"expires_in\":%d}"
              .formatted(token(scope, known), lifeSeconds)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (GeneralSecurityException unusable) {
      throw new IOException(unusable);
    }
  }

  private static String basic() {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString(
                (RegistryServer.USER + ":" + RegistryServer.PASSWORD)
                    .getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> parameters(String form) {
    var parameters = new TreeMap<String, String>();
    for (var pair : form.split("&", -1)) {
      var parts = pair.split("=", 2);
      if (parts.length == 2) {
        parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  private String token(String scope, boolean known) throws IOException, GeneralSecurityException {
    var entry = identity.entry();
    var certificate = Base64.getEncoder().encodeToString(entry.getCertificate().getEncoded());
    var parts = scope.split(":", 3);
    var actions =
        known
            ? List.of(parts[2].split(","))
            : List.of(parts[2].split(",")).stream().filter("pull"::equals).toList();
    long now = Instant.now().getEpochSecond();
    var signed =
        part("{\"typ\":\"JWT\",\"alg\":\"ES384\",\"x5c\":[\"%s\"]}".formatted(certificate))
            + "."
            + part(
                """
                {"iss":"%s","sub":"x","aud":"%s","exp":%d,"nbf":%d,"iat":%d,"jti":"1",
                 "access":[{"type":"repository","name":"%s","actions":[%s]}]}
                """
                    .formatted(
                        ISSUER,
                        SERVICE,
                        now + 3600,
                        now - 60,
                        now,
                        parts[1],
                        actions.stream()
                            .map(action -> "\"" + action + "\"")
                            .collect(Collectors.joining(","))));
    var signature = Signature.getInstance("SHA384withECDSAinP1363Format");
    signature.initSign(entry.getPrivateKey());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
