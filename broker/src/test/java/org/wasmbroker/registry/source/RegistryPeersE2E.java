package org.wasmbroker.registry.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.MediaTypes;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.PushedReleases;
import org.wasmbroker.testing.RegistryServer;

/**
 * Modules go both ways between the broker and the clients that other people use, through a real
 * registry. {@code make registry-peers} builds them and runs it.
 */
@EnabledIfEnvironmentVariable(named = "REGISTRY_PEERS", matches = ".+")
class RegistryPeersE2E {
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  @TempDir private static Path directory;
  private static RegistryServer registry;
  private static RegistryClient client;
  private static OciArtifacts artifacts;

  @BeforeAll
  static void start() throws IOException {
    registry = RegistryServer.start(Files.createDirectory(directory.resolve("registry")));
    client = new RegistryClient(OciConfig.DEFAULTS, Map.of());
    artifacts = new OciArtifacts(client, 1 << 20);
    Files.write(directory.resolve("module.wasm"), MODULE);
    Files.writeString(
        directory.resolve("manifest.json"), PushedReleases.manifest("hello", "1.0.0").text());
  }

  @AfterAll
  static void stop() {
    client.close();
    registry.close();
  }

  private static Reference reference(String path) {
    return Reference.parse("oci://" + registry.host() + "/" + path);
  }

  /** Without the scheme, as these programs write it. */
  private static String place(String path) {
    return registry.host() + "/" + path;
  }

  @Test
  void aModuleThatOrasPushedHasDefaults() throws Exception {
    run("oras", "push", "--plain-http", place("oras/hello:1.0.0"), "module.wasm:application/wasm");

    var fetched = artifacts.fetch(reference("oras/hello:1.0.0"));

    assertThat(fetched.artifact().wasm().digest()).isEqualTo(Digest.of(MODULE));
    var manifest = ManifestReader.read(fetched.artifact().manifest(), fetched.id(), "oras");
    assertThat(manifest.name()).isEqualTo("hello");
  }

  @Test
  void orasPushesWithOurManifestToo() throws Exception {
    run(
        "oras",
        "push",
        "--plain-http",
        place("oras/with/hello:1.0.0"),
        "module.wasm:application/wasm",
        "manifest.json:" + OciLayout.MANIFEST_TYPE);

    assertThat(artifacts.fetch(reference("oras/with/hello:1.0.0")).artifact().manifest())
        .isEqualTo(PushedReleases.manifest("hello", "1.0.0"));
  }

  @Test
  void orasPullsOursAsTwoFiles() throws Exception {
    var repository = new Repository(registry.host(), "ours/hello");
    var layout = PushedReleases.push(client, repository, "1.0.0", MODULE);
    var pulled = Files.createDirectory(directory.resolve("pulled"));

    run("oras", "pull", "--plain-http", "-o", pulled.toString(), repository + ":1.0.0");

    assertThat(Files.readAllBytes(pulled.resolve("module.wasm"))).isEqualTo(MODULE);
    assertThat(Files.readString(pulled.resolve("manifest.json")))
        .isEqualTo(PushedReleases.manifest("hello", "1.0.0").text());
    assertThat(run("oras", "manifest", "fetch", "--plain-http", repository + ":1.0.0"))
        .isEqualTo(layout.bytes().text());
    assertThat(run("oras", "repo", "tags", "--plain-http", repository.toString()).strip())
        .isEqualTo("1.0.0");
  }

  @Test
  void whatOneAttachesTheOtherFinds() throws Exception {
    var repository = new Repository(registry.host(), "signed/hello");
    var layout = PushedReleases.push(client, repository, "1.0.0", MODULE);
    Files.writeString(directory.resolve("theirs.json"), "{\"by\":\"oras\"}");
    run(
        "oras",
        "attach",
        "--plain-http",
        "--artifact-type",
        BUNDLE,
        repository + ":1.0.0",
        "theirs.json:" + BUNDLE);
    var ours = attach(repository, layout, "{\"by\":\"us\"}");

    assertThat(artifacts.signatures(repository, layout.digest()))
        .extracting(Document::text)
        .containsExactlyInAnyOrder("{\"by\":\"oras\"}", "{\"by\":\"us\"}");
    assertThat(run("oras", "discover", "--plain-http", "--format", "json", repository + ":1.0.0"))
        .contains(Descriptor.text(ours));
  }

  private static Digest attach(Repository repository, OciLayout layout, String text) {
    var empty = "{}".getBytes(StandardCharsets.UTF_8);
    var content = text.getBytes(StandardCharsets.UTF_8);
    var config = Descriptor.of(MediaTypes.EMPTY, empty);
    var layer = Descriptor.of(BUNDLE, content);
    client.putBlob(repository, config, empty);
    client.putBlob(repository, layer, content);
    return client.attach(
        repository,
        new ImageManifest(
            MediaTypes.IMAGE_MANIFEST,
            BUNDLE,
            config,
            List.of(layer),
            Descriptor.of(MediaTypes.IMAGE_MANIFEST, layout.bytes().bytes()),
            Map.of()));
  }

  @Test
  void craneReadsAndCopiesOursAndWeReadItsCopy() throws Exception {
    var repository = new Repository(registry.host(), "crane/from/hello");
    var layout = PushedReleases.push(client, repository, "1.0.0", MODULE);
    var copy = place("crane/to/hello:1.0.0");

    assertThat(run("crane", "manifest", "--insecure", repository + ":1.0.0"))
        .isEqualTo(layout.bytes().text());
    assertThat(run("crane", "digest", "--insecure", repository + ":1.0.0").strip())
        .isEqualTo(Descriptor.text(layout.digest()));
    assertThat(run("crane", "ls", "--insecure", repository.toString()).strip()).isEqualTo("1.0.0");
    run("crane", "copy", "--insecure", repository + ":1.0.0", copy);

    var fetched = artifacts.fetch(Reference.parse("oci://" + copy));
    assertThat(fetched.artifact().provenance().ociManifest()).isEqualTo(layout.bytes());
    assertThat(fetched.artifact().wasm().digest()).isEqualTo(Digest.of(MODULE));
  }

  @Test
  void aLayoutThatCranePushedIsRead() throws Exception {
    var repository = new Repository(registry.host(), "crane/pulled/hello");
    var layout = PushedReleases.push(client, repository, "1.0.0", MODULE);
    var files = directory.resolve("crane-layout").toString();
    run("crane", "pull", "--insecure", "--format=oci", repository + ":1.0.0", files);

    run("crane", "push", "--insecure", files, place("crane/pushed/hello:1.0.0"));

    assertThat(artifacts.fetch(reference("crane/pushed/hello:1.0.0")).artifact().provenance())
        .satisfies(found -> assertThat(found.ociManifest()).isEqualTo(layout.bytes()));
  }

  private static String run(String program, String... arguments)
      throws IOException, InterruptedException {
    var path = Path.of(Objects.requireNonNull(System.getenv("REGISTRY_PEERS")), program);
    var words = new ArrayList<>(List.of(path.toString()));
    words.addAll(List.of(arguments));
    var errors = directory.resolve(program + ".err");
    var process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectError(errors.toFile())
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", words, Files.readString(errors)).isZero();
    return output;
  }
}
