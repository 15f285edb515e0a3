package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RawServer.Script;

/** Registries that are down, slow, broken, or mean harm. */
class HostileRegistryTest {
  private static final byte[] CONTENT = "the content".getBytes(StandardCharsets.UTF_8);
  private static final Descriptor BLOB = Descriptor.of("application/wasm", CONTENT);

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private OciConfig config = OciConfig.DEFAULTS.withLimits(OciLimits.DEFAULTS.withAttempts(3));

  @AfterEach
  void close() throws Exception {
    for (var each : open.reversed()) {
      each.close();
    }
  }

  private RawServer serve(Script script) {
    var server = RawServer.start(script);
    open.add(server);
    return server;
  }

  /** The response to each request. */
  private RawServer responding(String response) {
    return serve(
        client -> {
          while (client.readRequest()) {
            client.write(response);
          }
        });
  }

  private RegistryClient client() {
    Pauses recorded = pauses::add;
    var client = new RegistryClient(config, Map.of(), TimeSource.SYSTEM, recorded);
    open.add(client);
    return client;
  }

  private static Repository repository(RawServer server) {
    return new Repository("127.0.0.1:" + server.port(), "hello");
  }

  private static String ok(String type, String body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(type, body.getBytes(StandardCharsets.UTF_8).length, body);
  }

  private static String unauthorized(String challenge) {
    return "HTTP/1.1 401 Who\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n"
        .formatted(challenge);
  }

  private static String linked(String link) {
    return "HTTP/1.1 200 OK\r\nLink: %s\r\nContent-Length: 14\r\n\r\n{\"tags\":[\"1\"]}"
        .formatted(link);
  }

  private static OciException failure(Runnable call) {
    return Objects.requireNonNull(catchThrowableOfType(OciException.class, call::run));
  }

  private static void assertFailure(Runnable call, Kind kind, String message) {
    assertThat(failure(call))
        .hasMessageContaining(message)
        .extracting(OciException::kind)
        .isEqualTo(kind);
  }

  @Test
  void aRegistryThatIsDownIsTriedAFewTimesWithPausesThatGrow() {
    var server = serve(client -> {});
    var repository = repository(server);
    server.close();

    assertFailure(() -> client().tags(repository), Kind.UNAVAILABLE, "it refused the connection");
    assertThat(pauses).hasSize(2);
    assertThat(pauses.getFirst()).isBetween(Duration.ofMillis(250), Duration.ofMillis(500));
    assertThat(pauses.getLast()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
  }

  @Test
  void aRegistryThatSaysNothingIsNotWaitedForWithoutEnd() {
    var server = serve(RawServer.Client::awaitClose);
    config = config.withLimits(OciLimits.DEFAULTS.withAttempts(1).within(Duration.ofMillis(100)));

    assertFailure(() -> client().tags(repository(server)), Kind.UNAVAILABLE, "no response from");
  }

  /** Each byte would satisfy the time-out of a socket. */
  @Test
  void aRegistryThatDripsItsHeadIsCutOff() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.drip("HTTP/1.1 200 OK\r\nX: " + "x".repeat(1 << 20), 5);
            });
    config = config.withLimits(slow(Duration.ofMillis(300)));

    assertFailure(
        () -> client().tags(repository(server)),
        Kind.UNAVAILABLE,
        "it was not complete within 300 ms");
  }

  @Test
  void aRegistryThatDripsALayerIsCutOff() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n");
              client.drip("the content".repeat(1000), 100);
            });
    config = config.withLimits(slow(Duration.ofMillis(300)));

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100),
        Kind.UNAVAILABLE,
        "it was not complete within 300 ms");
  }

  private static OciLimits slow(Duration exchange) {
    var standard = OciLimits.DEFAULTS;
    return new OciLimits(standard.connect(), standard.silence(), exchange, exchange, 1);
  }

  @Test
  void aLayerThatIsCutInTheMiddleIsFetchedAnewAFewTimes() {
    var served = new AtomicInteger();
    var server =
        serve(
            client -> {
              client.readRequest();
              var whole = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nthe content";
              boolean last = served.incrementAndGet() == 3;
              client.write(last ? whole : whole.substring(0, whole.length() - 4));
            });

    assertThat(client().blob(repository(server), BLOB, 100)).isEqualTo(CONTENT);
    assertThat(pauses).hasSize(2);
  }

  @Test
  void aLayerThatIsAlwaysCutIsAnError() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nthe con");
            });

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100),
        Kind.UNAVAILABLE,
        "the blob 127.0.0.1:%d/hello@%s: the response was cut off"
            .formatted(server.port(), Descriptor.text(BLOB.digest())));
  }

  @Test
  void aLayerWithOtherBytesIsNotUsed() {
    var server = responding(ok("application/octet-stream", "the CONTENT"));

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100),
        Kind.DIGEST_MISMATCH,
        "the registry sent 11 other bytes");
  }

  @Test
  void aLayerThatIsShorterThanItsManifestSaysIsNotUsed() {
    var server = responding(ok("application/octet-stream", "the"));

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100), Kind.DIGEST_MISMATCH, "3 other bytes");
  }

  @Test
  void aLayerThatIsTooLargeByItsManifestIsNotAskedFor() {
    var server = responding("HTTP/1.1 500 Oops\r\n\r\n");

    assertFailure(
        () -> client().blob(repository(server), BLOB, 10),
        Kind.TOO_LARGE,
        "has 11 bytes by its manifest; at most 10 are allowed");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void aLayerWithoutEndIsCutAtTheSizeThatItsManifestSays() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              client.writeForever("1000\r\n" + "x".repeat(4096) + "\r\n");
            });

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100),
        Kind.TOO_LARGE,
        "has more than 11 bytes");
  }

  @Test
  void aManifestWithoutEndIsCutAtFourMebibytes() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: x\r\nTransfer-Encoding: chunked\r\n\r\n");
              client.writeForever("1000\r\n" + " ".repeat(4096) + "\r\n");
            });

    assertFailure(
        () -> client().manifest(Reference.of(repository(server), "1")),
        Kind.TOO_LARGE,
        "has more than 4194304 bytes");
  }

  @Test
  void aHeadWithoutEndIsRefused() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\n");
              client.writeForever("X-Filler: " + "x".repeat(1000) + "\r\n");
            });

    assertFailure(() -> client().tags(repository(server)), Kind.UNAVAILABLE, "header");
  }

  @Test
  void aCompressedResponseIsRefusedUnread() {
    var server =
        responding(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 11\r\n\r\nthe content");

    assertFailure(
        () -> client().blob(repository(server), BLOB, 100),
        Kind.PROTOCOL,
        "a compressed response (gzip), which was not asked for");
  }

  @Test
  void aManifestWithOtherBytesThanItsDigestIsNotUsed() {
    var server = responding(ok(MediaTypes.IMAGE_MANIFEST, "{}"));
    var asked = Digest.of(CONTENT);

    assertFailure(
        () -> client().manifest(Reference.of(repository(server), asked)),
        Kind.DIGEST_MISMATCH,
        "the registry sent other bytes");
  }

  @Test
  void aManifestThatTheRegistryItselfGivesAnotherDigestIsNotUsed() {
    var server =
        responding(
            "HTTP/1.1 200 OK\r\nDocker-Content-Digest: %s\r\nContent-Length: 2\r\n\r\n{}"
                .formatted(Descriptor.text(BLOB.digest())));

    assertFailure(
        () -> client().manifest(Reference.of(repository(server), "1")),
        Kind.DIGEST_MISMATCH,
        "the registry sent other bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"tags\":[\"1\"],\"tags\":[\"2\"]}", "{\"tags\":7}", "[]", "nonsense", "\"", ""})
  void aListOfTagsThatIsNoneIsAnError(String body) {
    var server = responding(ok("application/json", body));

    assertFailure(
        () -> client().tags(repository(server)), Kind.PROTOCOL, "the list of tags of 127.0.0.1");
  }

  @Test
  void aDeepListOfTagsIsRefused() {
    var server = responding(ok("application/json", "[".repeat(1_000_000)));

    assertFailure(() -> client().tags(repository(server)), Kind.PROTOCOL, "nested");
  }

  @Test
  void tenThousandTagsInPagesAreListed() {
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                client.write(page(client.lastRequest(), 10_000));
              }
            });

    assertThat(client().tags(repository(server))).hasSize(10_000).contains("t0", "t9999");
    assertThat(server.requests()).hasSize(11); // the last page is full, and says nothing
  }

  /** A page of at most a thousand, with a relative link to the next one. */
  private static String page(String request, int all) {
    int at = request.indexOf("last=t");
    int first =
        at < 0 ? 0 : Integer.parseInt(request.substring(at + 6, request.indexOf(' ', at))) + 1;
    int end = Math.min(first + 1000, all);
    var tags = new StringBuilder("{\"name\":\"hello\",\"tags\":[");
    for (int i = first; i < end; i++) {
      tags.append(i == first ? "\"t" : ",\"t").append(i).append('"');
    }
    var body = tags.append("]}").toString();
    var link =
        end == all
            ? ""
            : "Link: </v2/hello/tags/list?n=1000&last=t%d>; rel=\"next\"\r\n".formatted(end - 1);
    return "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s".formatted(link, body.length(), body);
  }

  @Test
  void pagesThatLeadNowhereEnd() {
    var server = responding(linked("</v2/hello/tags/list?x>; rel=next"));

    assertFailure(
        () -> client().tags(repository(server)), Kind.PROTOCOL, "its page 2 leads to nothing new");
  }

  @Test
  void tagsWithoutEndAreCut() {
    var served = new AtomicInteger();
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                var last = "last=t" + (served.getAndIncrement() * 1000 - 1) + " ";
                client.write(page(served.get() == 1 ? "" : last, 1_000_000));
              }
            });

    assertFailure(
        () -> client().tags(repository(server)), Kind.TOO_LARGE, "has more than 50000 tags");
  }

  @Test
  void aNextPageAtAnotherHostIsNotFetched() {
    var other = responding(ok("application/json", "{\"tags\":[\"2\"]}"));
    var server = responding(linked("<%s/v2/x>; rel=\"next\"".formatted(other.url())));

    assertFailure(() -> client().tags(repository(server)), Kind.PROTOCOL, "at another host");
    assertThat(other.accepted()).isZero();
  }

  @Test
  void redirectsAreFollowedAFewTimes() {
    var server =
        responding(
            "HTTP/1.1 307 Again\r\nLocation: /v2/hello/tags/list\r\nContent-Length: 0\r\n\r\n");

    assertFailure(
        () -> client().tags(repository(server)), Kind.PROTOCOL, "redirects more than 5 times");
    assertThat(server.requests()).hasSize(6);
  }

  @Test
  void aRedirectToAnotherHostGetsNoCredentialsNotEvenOnItsWayBack() throws Exception {
    var home = new AtomicInteger();
    var other =
        serve(
            client -> {
              while (client.readRequest()) {
                client.write(
                    "HTTP/1.1 302 Back\r\nLocation: http://127.0.0.1:%d/back\r\nContent-Length: 0\r\n\r\n"
                        .formatted(home.get()));
              }
            });
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                var request = client.lastRequest();
                client.write(
                    request.startsWith("GET /back")
                        ? ok("application/octet-stream", "the content")
                        : request.contains("Authorization: Basic")
                            ? "HTTP/1.1 307 Go\r\nLocation: %s/blob\r\nContent-Length: 0\r\n\r\n"
                                .formatted(other.url())
                            : unauthorized("Basic realm=\"x\""));
              }
            });
    home.set(server.port());
    config = config.withAuthFile(credentials(server));

    assertThat(client().blob(repository(server), BLOB, 100)).isEqualTo(CONTENT);
    assertThat(server.requests().get(1)).contains("Authorization: Basic");
    assertThat(other.requests())
        .singleElement()
        .asString()
        .doesNotContainIgnoringCase("authorization");
    assertThat(server.requests().getLast())
        .startsWith("GET /back")
        .doesNotContainIgnoringCase("authorization");
  }

  private Path credentials(RawServer server) throws Exception {
    return Files.writeString(
        directory.resolve("auth.json"),
        "{\"auths\":{\"127.0.0.1:%d\":{\"username\":\"ada\",\"password\":\"hidden words\"}}}"
            .formatted(server.port()));
  }

  @Test
  void anUploadToAnotherHostGetsNoCredentials() throws Exception {
    var other = responding("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                var request = client.lastRequest();
                client.write(
                    request.startsWith("HEAD")
                        ? "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
                        : request.contains("Authorization: Basic")
                            ? "HTTP/1.1 202 Go\r\nLocation: %s/upload?state=1\r\nContent-Length: 0\r\n\r\n"
                                .formatted(other.url())
                            : unauthorized("Basic realm=\"x\""));
              }
            });
    config = config.withAuthFile(credentials(server));

    client().putBlob(repository(server), BLOB, CONTENT);

    assertThat(other.requests())
        .singleElement()
        .asString()
        .startsWith("PUT /upload?state=1&digest=sha256:" + BLOB.digest().hex())
        .endsWith("the content")
        .doesNotContainIgnoringCase("authorization");
  }

  @ParameterizedTest
  @CsvSource({
    "http://registry.example/x, 'to http://registry.example, which has no TLS'",
    "ftp://registry.example/x, to an address that is not valid",
    "'', to an address",
  })
  void aRedirectToWhereNobodyMayBeAskedIsRefused(String location, String message) {
    var server =
        responding(
            "HTTP/1.1 302 Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n".formatted(location));
    config = config.withLimits(OciLimits.DEFAULTS.withAttempts(1));

    var failure = failure(() -> client().tags(repository(server)));

    assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
    if (!location.isEmpty()) {
      assertThat(failure).hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void anOverloadedRegistryIsAskedAgain(int status) {
    var served = new AtomicInteger();
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                client.write(
                    served.incrementAndGet() < 3
                        ? "HTTP/1.1 %d Busy\r\nContent-Length: 0\r\n\r\n".formatted(status)
                        : ok("application/json", "{\"tags\":[\"1\"]}"));
              }
            });

    assertThat(client().tags(repository(server))).containsExactly("1");
    assertThat(pauses).hasSize(2);
  }

  @Test
  void aRegistryIsLeftAloneForAsLongAsItAsks() {
    var server =
        responding("HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");

    assertFailure(() -> client().tags(repository(server)), Kind.UNAVAILABLE, "responds 429");
    assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3600", "999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
  void aRegistryThatWantsHoursIsNotWaitedForAndNotAskedMeanwhile(String retryAfter) {
    var server =
        responding(
            "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"
                .formatted(retryAfter));
    var client = client();

    assertFailure(() -> client.tags(repository(server)), Kind.UNAVAILABLE, "responds 503");
    assertFailure(
        () -> client.tags(repository(server)), Kind.UNAVAILABLE, "asked to be left alone");
    assertThat(pauses).isEmpty();
    assertThat(server.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5", "soon", "99999999999999999999999", ""})
  void aRetryAfterThatMeansNothingIsPassedOver(String retryAfter) {
    var server =
        responding(
            "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"
                .formatted(retryAfter));

    assertFailure(() -> client().tags(repository(server)), Kind.UNAVAILABLE, "responds 503");
    assertThat(pauses).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer realm",
        "Bearer realm=",
        "Bearer realm=\"",
        "Bearer realm=\"ftp://x/\"",
        "Bearer realm=\"http://registry.example/token\"",
        "Negotiate",
        ",,,,",
        "\u0001\u0002"
      })
  void aChallengeThatCannotBeAnsweredIsAnError(String challenge) {
    var server = responding(unauthorized(challenge));

    assertThat(failure(() -> client().tags(repository(server))).kind())
        .isIn(Kind.UNAUTHORIZED, Kind.PROTOCOL);
  }

  @Test
  void aTokenServerWithoutEndIsCut() {
    var server =
        serve(
            client -> {
              while (client.readRequest()) {
                if (client.lastRequest().startsWith("GET /token")) {
                  client.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  client.writeForever("1000\r\n" + "x".repeat(4096) + "\r\n");
                }
                client.write(
                    unauthorized("Bearer realm=\"%s/token\"".formatted(url(client.lastRequest()))));
              }
            });

    assertFailure(
        () -> client().tags(repository(server)), Kind.TOO_LARGE, "no access token can be had");
  }

  private static String url(String request) {
    return "http://"
        + request
            .lines()
            .filter(line -> line.startsWith("Host: "))
            .findFirst()
            .orElseThrow()
            .substring(6);
  }

  @Test
  void errorsOfTheRegistryAreShownWithoutWhatTerminalsObey() {
    var body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no \\u001b[31m red\"}]}";
    var server =
        responding(
            "HTTP/1.1 403 No\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body));

    assertThat(failure(() -> client().tags(repository(server))))
        .hasMessageEndingWith("responds 403 (DENIED: no  [31m red)")
        .extracting(OciException::kind)
        .isEqualTo(Kind.DENIED);
  }

  @Test
  void anErrorWithoutEndIsNotReadToItsEnd() {
    var server =
        serve(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n");
              client.writeForever("1000\r\n" + "x".repeat(4096) + "\r\n");
            });

    assertFailure(() -> client().tags(repository(server)), Kind.DENIED, "responds 403");
  }

  @Test
  void aMirrorIsAskedFirstAndTheRegistryForWhatItDoesNotHave() {
    var mirror = responding("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    var server = responding(ok("application/octet-stream", "the content"));
    config =
        config.withMirrors(
            List.of(
                Mirror.parse(
                    "127.0.0.1:%d=127.0.0.1:%d/proxy".formatted(server.port(), mirror.port()))));

    assertThat(client().blob(repository(server), BLOB, 100)).isEqualTo(CONTENT);
    assertThat(mirror.requests())
        .singleElement()
        .asString()
        .startsWith("GET /v2/proxy/hello/blobs/sha256:");
    assertThat(pauses).isEmpty();
  }

  @Test
  void aMirrorThatSendsOtherBytesIsPassedOver() {
    var mirror = responding(ok("application/octet-stream", "other bytes"));
    var server = responding(ok("application/octet-stream", "the content"));
    config =
        config.withMirrors(
            List.of(
                Mirror.parse("127.0.0.1:%d=127.0.0.1:%d".formatted(server.port(), mirror.port()))));

    assertThat(client().blob(repository(server), BLOB, 100)).isEqualTo(CONTENT);
  }

  @Test
  void referrersComeFromTheApiWhereThereIsOne() {
    var index = new ImageIndex(List.of(BLOB)).document();
    var server = responding(ok(MediaTypes.IMAGE_INDEX, index.text()));

    assertThat(client().referrers(repository(server), BLOB.digest(), null)).containsExactly(BLOB);
    assertThat(server.requests()).singleElement().asString().contains("/referrers/sha256:");
  }

  @Test
  void anIndexOfReferrersThatIsNoneIsAnError() {
    var server = responding(ok(MediaTypes.IMAGE_INDEX, "{\"manifests\":{}}"));

    assertFailure(
        () -> client().referrers(repository(server), BLOB.digest(), null),
        Kind.PROTOCOL,
        "the list of what refers to");
  }

  @Test
  void aTooLargeManifestIsNotSent() {
    var server = responding("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    var large = Document.of(new byte[(4 << 20) + 1]);

    assertFailure(
        () ->
            client()
                .putManifest(
                    Reference.of(repository(server), "1"), MediaTypes.IMAGE_MANIFEST, large),
        Kind.TOO_LARGE,
        "at most 4194304 are allowed");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void closingEndsWhatIsUnderWay() throws InterruptedException {
    var server = serve(RawServer.Client::awaitClose);
    var client = client();
    var listing = Thread.startVirtualThread(() -> failure(() -> client.tags(repository(server))));
    while (server.accepted() == 0) {
      Thread.onSpinWait();
    }

    client.close();

    assertThat(listing.join(Duration.ofMinutes(1))).isTrue();
  }
}
