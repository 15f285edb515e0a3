package org.wasmbroker.registry.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageIndex;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.MediaTypes;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.OciLimits;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.PushedReleases;
import org.wasmbroker.testing.RegistryServer;

/** Repositories of a real registry as sources of modules. */
class OciModulesIT {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);
  private static final int MAX_MODULE = 1 << 20;

  @TempDir private static Path directory;
  private static RegistryServer registry;
  private static RegistryClient client;

  private final ManualTime time = new ManualTime();

  @BeforeAll
  static void start() throws IOException {
    registry = RegistryServer.start(Files.createDirectory(directory.resolve("registry")));
    client = new RegistryClient(OciConfig.DEFAULTS, Map.of());
  }

  @AfterAll
  static void stop() {
    client.close();
    registry.close();
  }

  private static Repository repository(String path) {
    return new Repository(registry.host(), path);
  }

  private OciModules source(Repository repository) {
    return new OciModules(repository, client, MAX_MODULE, time);
  }

  private static byte[] module(int content) {
    return new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, (byte) content};
  }

  private static ReleaseId id(Repository repository, String version) {
    return new ReleaseId(repository.lastName(), Version.parse(version));
  }

  private static OciLayout push(Repository repository, String version, int content) {
    return PushedReleases.push(client, repository, version, module(content));
  }

  private static void put(Repository repository, String tag, Document manifest) {
    client.putManifest(Reference.of(repository, tag), MediaTypes.IMAGE_MANIFEST, manifest);
  }

  private static ImageManifest image(Repository repository, String layerType, byte[] layer) {
    var config = Descriptor.of(MediaTypes.EMPTY, EMPTY);
    var content = Descriptor.of(layerType, layer);
    client.putBlob(repository, config, EMPTY);
    client.putBlob(repository, content, layer);
    return new ImageManifest(config, List.of(content), Map.of());
  }

  @Test
  void tagsThatAreVersionsAreReleasesAndOthersAreToldOnce() {
    var repository = repository("handlers/hello");
    var layout = push(repository, "1.0.0", 1);
    push(repository, "1.1.0-rc.1", 2);
    put(repository, "latest", layout.bytes());
    var source = source(repository);

    try (var log = CapturedLog.of(OciModules.class, Level.WARN)) {
      assertThat(source.list())
          .extracting(Release::id)
          .containsExactly(id(repository, "1.1.0-rc.1"), id(repository, "1.0.0"));
      time.advance(Duration.ofSeconds(2));
      source.list();
      assertThat(log.events())
          .singleElement()
          .satisfies(
              event ->
                  assertThat(event.getKeyValuePairs())
                      .hasToString(
                          "[repository=\"oci://%s\", tag=\"latest\"]".formatted(repository)));
    }
    assertThat(source.list().getLast().module()).isEqualTo(Digest.of(module(1)));
    var artifact = source.fetch(id(repository, "1.0.0"));
    assertThat(artifact.wasm().digest()).isEqualTo(Digest.of(module(1)));
    assertThat(artifact.manifest()).isEqualTo(PushedReleases.manifest("hello", "1.0.0"));
    assertThat(artifact.provenance().ociManifest()).isEqualTo(layout.bytes());
    assertThat(artifact.provenance().manifestDigest()).isEqualTo(layout.digest());
    assertThat(artifact.provenance().signatures()).isEmpty();
  }

  @Test
  void whatWasJustPushedIsFoundBySomebodyWhoAsksForIt() {
    var repository = repository("fresh");
    var source = source(repository);
    assertThat(source.list()).isEmpty();

    push(repository, "1.0.0", 1);

    assertThat(source.list()).as("within the same second").isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(source.list()).hasSize(1);
  }

  @Test
  void aTagThatIsChangedMeansWhatItMeantFirstAndIsTold() {
    var repository = repository("moving");
    var first = push(repository, "1.0.0", 1);
    var source = source(repository);
    source.list();
    assertThat(source.fingerprint(id(repository, "1.0.0")))
        .isEqualTo(Descriptor.text(first.digest()));

    var second = push(repository, "1.0.0", 2);

    time.advance(Duration.ofMinutes(5));
    source.list();
    assertThat(source.fingerprint(id(repository, "1.0.0")))
        .isEqualTo(Descriptor.text(second.digest()));
    assertThat(source.fetch(id(repository, "1.0.0")).wasm().digest())
        .isEqualTo(Digest.of(module(1)));
  }

  @Test
  void aModuleOfAnotherToolHasAManifestThatRequestsNothing() {
    var repository = repository("plain");
    put(repository, "2.0.0", image(repository, "application/wasm", module(7)).document());

    var artifact = source(repository).fetch(id(repository, "2.0.0"));

    assertThat(artifact.wasm().digest()).isEqualTo(Digest.of(module(7)));
    var manifest = ManifestReader.read(artifact.manifest(), id(repository, "2.0.0"), "test");
    assertThat(manifest.name()).isEqualTo("plain");
    assertThat(artifact.manifest().text()).contains("\"capabilities\":{}");
  }

  @Test
  void whatIsNoModuleIsNotOfferedAndHidesNoOther() {
    var repository = repository("mixed");
    push(repository, "1.0.0", 1);
    put(repository, "2.0.0", image(repository, "text/plain", EMPTY).document());
    var index =
        new ImageIndex(List.of(client.head(Reference.of(repository, "1.0.0")).orElseThrow()));
    client.putManifest(Reference.of(repository, "3.0.0"), MediaTypes.IMAGE_INDEX, index.document());

    try (var log = CapturedLog.of(OciModules.class, Level.WARN)) {
      assertThat(source(repository).list())
          .extracting(Release::id)
          .containsExactly(id(repository, "1.0.0"));
      assertThat(log.events())
          .extracting(event -> event.getFormattedMessage())
          .satisfiesExactly(
              third -> assertThat(third).contains("is a list of manifests"),
              second -> assertThat(second).contains("has no layer of the type application/wasm"));
    }
  }

  @Test
  void aModuleThatIsTooLargeIsNotFetched() {
    var repository = repository("large");
    push(repository, "1.0.0", 1);
    var source = new OciModules(repository, client, 8, time);

    assertThatThrownBy(() -> source.fetch(id(repository, "1.0.0")))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("has 9 bytes by its manifest; at most 8 are allowed");
  }

  @Test
  void theNewestVersionsOfManyAreOffered() throws IOException {
    var repository = repository("many");
    push(repository, "1.0.0", 1);
    registry.copyTag("many", "1.0.0", 300); // 1.0.0-1, … which are pre-releases

    var releases = source(repository).list();

    assertThat(releases).hasSize(OciModules.MAX_VERSIONS);
    assertThat(releases.getFirst().id()).isEqualTo(id(repository, "1.0.0"));
    assertThat(releases.getLast().id()).isEqualTo(id(repository, "1.0.0-102"));
  }

  @Test
  void signaturesOfBothFormsAreFound() {
    var repository = repository("signed");
    var layout = push(repository, "1.0.0", 1);
    var subject = Descriptor.of(MediaTypes.IMAGE_MANIFEST, layout.bytes().bytes());
    var bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    var bundle = "{\"a\":\"bundle\"}".getBytes(StandardCharsets.UTF_8);
    var signed = image(repository, bundleType, bundle);
    client.attach(
        repository,
        new ImageManifest(
            MediaTypes.IMAGE_MANIFEST,
            bundleType,
            signed.config(),
            signed.layers(),
            subject,
            Map.of()));
    var payload = "{\"critical\":{}}".getBytes(StandardCharsets.UTF_8);
    var simple =
        new Descriptor(
            "application/vnd.dev.cosign.simplesigning.v1+json",
            Digest.of(payload),
            payload.length,
            null,
            Map.of("dev.cosignproject.cosign/signature", "c2ln"));
    client.putBlob(repository, simple, payload);
    put(
        repository,
        "sha256-" + layout.digest().hex() + ".sig",
        new ImageManifest(signed.config(), List.of(simple), Map.of()).document());
    var source = source(repository);

    var found = source.fetch(id(repository, "1.0.0")).provenance().signatures();

    assertThat(found)
        .extracting(Document::text)
        .containsExactly(
            "{\"a\":\"bundle\"}",
            "{\"Base64Signature\":\"c2ln\",\"Payload\":\"%s\"}"
                .formatted(Base64.getEncoder().encodeToString(payload)));
    assertThat(source.signatures(id(repository, "1.0.0"), layout.digest())).isEqualTo(found);
    assertThat(source.list()).hasSize(1);
  }

  @Test
  void anArtifactIsFetchedByAnyReference() {
    var repository = repository("any");
    var layout = push(repository, "1.2.3", 1);
    put(repository, "newest", layout.bytes());
    var artifacts = new OciArtifacts(client, MAX_MODULE);

    for (var text : List.of(":1.2.3", ":newest", "@" + Descriptor.text(layout.digest()))) {
      var fetched = artifacts.fetch(Reference.parse("oci://" + repository + text));
      assertThat(fetched.id()).isEqualTo(id(repository, "1.2.3"));
      assertThat(fetched.artifact().provenance().manifestDigest()).isEqualTo(layout.digest());
    }
  }

  @Test
  void aRegistryThatIsDownIsAnErrorOfItsSourceOnly() throws IOException {
    var other = RegistryServer.start(Files.createDirectory(directory.resolve("down")));
    var limits = OciLimits.DEFAULTS.withAttempts(1);
    try (var impatient = new RegistryClient(OciConfig.DEFAULTS.withLimits(limits), Map.of())) {
      var repository = new Repository(other.host(), "hello");
      var source = new OciModules(repository, impatient, MAX_MODULE, time);
      assertThat(source.list()).isEmpty();
      other.close();
      time.advance(Duration.ofSeconds(1));

      assertThatThrownBy(source::list)
          .isInstanceOf(ModuleSourceException.class)
          .hasMessageContaining("no response from http://" + other.host());
    }
  }

  /** Skopeo is a client of its own, in Go. */
  @Test
  void skopeoCopiesOursAndWeReadItsCopies() throws Exception {
    var repository = repository("copied/from/hello");
    var layout = push(repository, "1.0.0", 1);
    var copy = repository("copied/to/hello");
    var files = directory.resolve("layout");

    skopeo("copy", "docker://" + repository + ":1.0.0", "oci:" + files + ":hello");
    skopeo("copy", "oci:" + files + ":hello", "docker://" + copy + ":1.0.0");

    var artifact = source(copy).fetch(id(copy, "1.0.0"));
    assertThat(artifact.provenance().ociManifest()).isEqualTo(layout.bytes());
    assertThat(artifact.wasm().digest()).isEqualTo(Digest.of(module(1)));
    assertThat(skopeo("inspect", "--raw", "docker://" + copy + ":1.0.0"))
        .isEqualTo(layout.bytes().text());
    assertThat(skopeo("list-tags", "docker://" + copy)).contains("\"1.0.0\"");
  }

  private static String skopeo(String command, String... arguments)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("skopeo", command));
    if (command.equals("copy")) {
      words.addAll(List.of("--src-tls-verify=false", "--dest-tls-verify=false"));
    } else {
      words.add("--tls-verify=false");
    }
    words.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(words).redirectError(directory.resolve("skopeo.err").toFile()).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("skopeo.err"))).isZero();
    return output;
  }
}
