package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;
import org.wasmbroker.testing.RegistryServer;
import org.wasmbroker.testing.RegistryTokens;
import org.wasmbroker.testing.TlsServer;

/** The client against a real registry: without and with passwords, tokens and TLS. */
class RegistryClientIT {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir private static Path directory;
  private static RegistryServer open;
  private static RegistryClient client;

  @BeforeAll
  static void start() throws IOException {
    open = RegistryServer.start(Files.createDirectory(directory.resolve("open")));
    client = new RegistryClient(OciConfig.DEFAULTS, Map.of());
  }

  @AfterAll
  static void stop() {
    client.close();
    open.close();
  }

  @Test
  void whatWasPushedIsReadByTagAndByDigestByteForByte() throws IOException {
    var repository = new Repository(open.host(), "deep/path/to/hello");
    var content = new byte[300_000];
    new Random(1).nextBytes(content);
    var file = Files.write(directory.resolve("content"), content);
    var layer = Descriptor.of("application/wasm", content).withTitle("module.wasm");
    var manifest = push(client, repository, "1.0.0", layer, file);

    var byTag = client.manifest(Reference.of(repository, "1.0.0"));

    assertThat(byTag.bytes()).isEqualTo(manifest.document());
    assertThat(byTag.descriptor().mediaType()).isEqualTo(MediaTypes.IMAGE_MANIFEST);
    assertThat(client.manifest(Reference.of(repository, byTag.descriptor().digest())))
        .isEqualTo(byTag);
    assertThat(client.head(Reference.of(repository, "1.0.0"))).contains(byTag.descriptor());
    assertThat(ImageManifest.read("m", byTag.bytes()).layers()).containsExactly(layer);
    assertThat(client.blob(repository, layer, 1 << 20)).isEqualTo(content);
    assertThat(client.hasBlob(repository, layer.digest())).isTrue();
  }

  private static ImageManifest push(
      RegistryClient client, Repository repository, String tag, Descriptor layer, Path file) {
    var config = Descriptor.of(MediaTypes.EMPTY, EMPTY);
    client.putBlob(repository, config, EMPTY);
    client.putBlob(repository, layer, file);
    var manifest = new ImageManifest(config, List.of(layer), Map.of("a", "b"));
    client.putManifest(
        Reference.of(repository, tag), MediaTypes.IMAGE_MANIFEST, manifest.document());
    return manifest;
  }

  private static ImageManifest pushEmpty(RegistryClient client, Repository repository, String tag) {
    var config = Descriptor.of(MediaTypes.EMPTY, EMPTY);
    client.putBlob(repository, config, EMPTY);
    var manifest = new ImageManifest(config, List.of(config), Map.of("tag", tag));
    client.putManifest(
        Reference.of(repository, tag), MediaTypes.IMAGE_MANIFEST, manifest.document());
    return manifest;
  }

  @Test
  void whatIsNotThereIsNotFound() {
    var repository = new Repository(open.host(), "nothing");

    assertThat(client.tags(repository)).isEmpty();
    assertThat(client.head(Reference.of(repository, "1"))).isEmpty();
    assertThat(client.hasBlob(repository, Digest.of(EMPTY))).isFalse();
    assertThatThrownBy(() -> client.manifest(Reference.of(repository, "1")))
        .isInstanceOfSatisfying(
            OciException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContaining(
            "the manifest oci://%s:1 cannot be read: the registry http://%s responds 404"
                .formatted(repository, open.host()))
        .hasMessageContaining("MANIFEST_UNKNOWN");
  }

  @Test
  void aManifestWhoseBlobsAreMissingIsRefusedWithTheRegistrysReason() {
    var repository = new Repository(open.host(), "incomplete");
    var missing = Descriptor.of("application/wasm", new byte[] {1, 2, 3});
    var manifest = new ImageManifest(missing, List.of(), Map.of()).document();

    assertThatThrownBy(
            () ->
                client.putManifest(
                    Reference.of(repository, "1"), MediaTypes.IMAGE_MANIFEST, manifest))
        .hasMessageContaining("MANIFEST_BLOB_UNKNOWN");
  }

  @Test
  void aThousandAndMoreTagsAreListed() throws IOException {
    var repository = new Repository(open.host(), "many");
    pushEmpty(client, repository, "v0");
    open.copyTag(repository.path(), "v0", 1_500);

    assertThat(client.tags(repository)).hasSize(1_501).contains("v0", "v0-1", "v0-1500");
  }

  @Test
  void signaturesAreFoundWithoutAReferrersApi() {
    var repository = new Repository(open.host(), "signed");
    var subject = pushEmpty(client, repository, "1.0.0");
    var described = Descriptor.of(MediaTypes.IMAGE_MANIFEST, subject.document().bytes());
    var one = attachment(described, "application/one");
    var two = attachment(described, "application/two");

    assertThat(client.referrers(repository, described.digest(), null)).isEmpty();
    var first = client.attach(repository, one);
    var second = client.attach(repository, two);
    client.attach(repository, two);

    assertThat(client.referrers(repository, described.digest(), null))
        .extracting(Descriptor::digest)
        .containsExactly(first, second);
    assertThat(client.referrers(repository, described.digest(), "application/two"))
        .extracting(Descriptor::digest)
        .containsExactly(second);
    assertThat(client.tags(repository)).contains("sha256-" + described.digest().hex());
  }

  private static ImageManifest attachment(Descriptor subject, String type) {
    var empty = Descriptor.of(MediaTypes.EMPTY, EMPTY);
    return new ImageManifest(
        MediaTypes.IMAGE_MANIFEST, type, empty, List.of(empty), subject, Map.of());
  }

  @Test
  void aDeletedManifestIsGone() {
    var repository = new Repository(open.host(), "deleted");
    var manifest = pushEmpty(client, repository, "1");

    client.delete(Reference.of(repository, Digest.of(manifest.document().bytes())));

    assertThat(client.head(Reference.of(repository, "1"))).isEmpty();
    assertThat(client.tags(repository)).isEmpty();
  }

  @Test
  void aPasswordOfDockersFileIsUsedAndAWrongOneTold() throws IOException {
    try (var server =
        RegistryServer.startWithPassword(Files.createDirectory(directory.resolve("password")))) {
      var repository = new Repository(server.host(), "private");
      var file = RegistryServer.credentials(directory.resolve("auth.json"), Set.of(server.host()));
      var wrong =
          Files.writeString(
              directory.resolve("wrong.json"),
              "{\"auths\":{\"%s\":{\"username\":\"ada\",\"password\":\"guess\"}}}"
                  .formatted(server.host()));
      try (var allowed = new RegistryClient(OciConfig.DEFAULTS.withAuthFile(file), Map.of());
          var guessing = new RegistryClient(OciConfig.DEFAULTS.withAuthFile(wrong), Map.of())) {
        pushEmpty(allowed, repository, "1");

        assertThat(allowed.tags(repository)).containsExactly("1");
        assertUnauthorized(() -> client.tags(repository), "there are none for it");
        assertUnauthorized(() -> guessing.tags(repository), "registry.oci-auth-file");
      }
    }
  }

  private static void assertUnauthorized(Runnable call, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            OciException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED))
        .hasMessageContaining(message)
        .hasMessageNotContaining("guess");
  }

  @Test
  void tokensAreFetchedForWhatIsDoneAndUsedUntilTheyExpire() throws Exception {
    var identity =
        TlsServer.Identity.create(
            Files.createDirectory(directory.resolve("issuer")), "issuer", "127.0.0.1");
    try (var tokens = RegistryTokens.start(identity, 300);
        var server =
            RegistryServer.startWithTokens(
                Files.createDirectory(directory.resolve("tokens")), tokens)) {
      var repository = new Repository(server.host(), "by/token");
      var file = RegistryServer.credentials(directory.resolve("token.json"), Set.of(server.host()));
      try (var allowed = new RegistryClient(OciConfig.DEFAULTS.withAuthFile(file), Map.of())) {
        pushEmpty(allowed, repository, "1");
        assertThat(allowed.tags(repository)).containsExactly("1");
        assertThat(allowed.tags(repository)).containsExactly("1");
      }
      assertThat(tokens.requests())
          .containsExactly(
              "repository:by/token:pull,push as ada", "repository:by/token:pull as ada");

      assertThat(client.tags(repository)).containsExactly("1");
      assertUnauthorized(() -> pushEmpty(client, repository, "2"), "responds 401");
      assertThat(tokens.requests()).contains("repository:by/token:pull anonymously");
    }
  }

  @Test
  void anIdentityTokenIsExchangedForAccessTokens() throws Exception {
    var identity =
        TlsServer.Identity.create(
            Files.createDirectory(directory.resolve("issuer2")), "issuer", "127.0.0.1");
    try (var tokens = RegistryTokens.start(identity, 300);
        var server =
            RegistryServer.startWithTokens(
                Files.createDirectory(directory.resolve("tokens2")), tokens)) {
      var file =
          Files.writeString(
              directory.resolve("identity.json"),
              "{\"auths\":{\"%s\":{\"identitytoken\":\"%s\"}}}"
                  .formatted(server.host(), RegistryTokens.IDENTITY_TOKEN));
      try (var allowed = new RegistryClient(OciConfig.DEFAULTS.withAuthFile(file), Map.of())) {
        pushEmpty(allowed, new Repository(server.host(), "x"), "1");
      }
      assertThat(tokens.requests()).containsExactly("repository:x:pull,push as ada");
    }
  }

  @Test
  void tlsIsVerifiedWithTheOperatorsAuthority() throws Exception {
    var identity =
        TlsServer.Identity.create(
            Files.createDirectory(directory.resolve("tls-id")), "registry.test", "127.0.0.1");
    try (var server =
        RegistryServer.startWithTls(Files.createDirectory(directory.resolve("tls")), identity)) {
      var repository = new Repository(server.host(), "secure");
      var secure = OciConfig.DEFAULTS.withPlainHttp(List.of());
      try (var trusting = new RegistryClient(secure.withExtraCa(identity.certificate()), Map.of());
          var doubting =
              new RegistryClient(secure.withLimits(OciLimits.DEFAULTS.withAttempts(1)), Map.of())) {
        pushEmpty(trusting, repository, "1");

        assertThat(trusting.tags(repository)).containsExactly("1");
        assertThatThrownBy(() -> doubting.tags(repository))
            .hasMessageContaining("TLS failed")
            .hasMessageContaining("registry.oci-extra-ca");
      }
    }
  }
}
