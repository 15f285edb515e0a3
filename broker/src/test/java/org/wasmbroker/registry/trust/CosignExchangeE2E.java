package org.wasmbroker.registry.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.MediaTypes;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.signature.CosignSignature.Verdict;
import org.wasmbroker.signature.SignatureDocument;
import org.wasmbroker.signature.SigningKey;
import org.wasmbroker.signature.TestKeys;
import org.wasmbroker.signature.VerificationKey;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.RegistryServer;

/**
 * Signatures go both ways between the broker and cosign, through a real registry. {@code make
 * signatures-exchange} builds cosign and runs it.
 */
@EnabledIfEnvironmentVariable(named = "COSIGN", matches = ".+")
final class CosignExchangeE2E {
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String CLAIM = "https://sigstore.dev/cosign/sign/v1";
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final ReleaseId HELLO = new ReleaseId("hello", Version.parse("1.0.0"));
  private static final Map<String, String> KINDS =
      Map.of(
          "p256", TestKeys.privatePem(TestKeys.p256()),
          "p384", TestKeys.privatePem(TestKeys.p384()),
          "ed25519", TestKeys.privatePem(TestKeys.ed25519()));

  private static final Verdict VALID = new Verdict.Valid();

  @TempDir private Path directory;

  @Test
  void whatOneSignsTheOtherVerifies() throws Exception {
    var files = Files.createDirectory(directory.resolve("registry"));
    try (var server = RegistryServer.start(files);
        var client = new RegistryClient(OciConfig.DEFAULTS, Map.of())) {
      cosign("signing-config", "create", "--out", "none.json");
      for (var kind : KINDS.entrySet()) {
        var repository = server.host() + "/handlers/" + kind.getKey();
        var reference = Reference.parse(repository + ":1.0.0");
        var digest = push(client, reference);
        var image = repository + "@sha256:" + digest;
        Files.writeString(directory.resolve("plain.pem"), kind.getValue());
        cosign("import-key-pair", "--key", "plain.pem", "--output-key-prefix", "key", "-y");

        cosignRegistry("sign", "--key", "key.key", "--signing-config", "none.json", "--yes", image);
        var publicKey = VerificationKey.parse(Files.readString(directory.resolve("key.pub")));
        assertThat(signatures(client, reference, digest))
            .as("cosign signed with %s", kind.getKey())
            .singleElement()
            .satisfies(bundle -> assertThat(verdict(bundle, publicKey, digest)).isEqualTo(VALID));

        var own = SigningKey.parse(kind.getValue());
        var other = Reference.parse(server.host() + "/ours/" + kind.getKey() + ":1.0.0");
        attach(client, other, push(client, other), own);
        cosignRegistry(
            "verify",
            "--key",
            "key.pub",
            "--insecure-ignore-tlog",
            server.host() + "/ours/" + kind.getKey() + "@sha256:" + digest);
      }
    }
  }

  private static Verdict verdict(Document bundle, VerificationKey key, Digest digest) {
    var read = SignatureDocument.read(bundle.bytes());
    assertThat(read.faults()).isEmpty();
    return read.signatures().getFirst().verify(key, digest);
  }

  private static Digest push(RegistryClient client, Reference reference) {
    var manifest = Document.of("{\"name\":\"hello\",\"version\":\"1.0.0\",\"abi\":\"1\"}");
    var layout = OciLayout.of(HELLO, manifest, new WasmBinary(MODULE));
    var repository = reference.repository();
    var layers = layout.image().layers();
    client.putBlob(repository, layers.getFirst(), MODULE);
    client.putBlob(repository, layers.getLast(), manifest.bytes());
    client.putBlob(repository, layout.image().config(), layout.config().bytes());
    client.putManifest(reference, MediaTypes.IMAGE_MANIFEST, layout.bytes());
    return layout.digest();
  }

  private static void attach(
      RegistryClient client, Reference reference, Digest digest, SigningKey key) {
    var repository = reference.repository();
    var bundle = key.sign(digest).bytes();
    var empty = "{}".getBytes(UTF_8);
    var signed = client.head(reference).orElseThrow();
    var image =
        new ImageManifest(
            MediaTypes.IMAGE_MANIFEST,
            BUNDLE,
            Descriptor.of(MediaTypes.EMPTY, empty),
            List.of(Descriptor.of(BUNDLE, bundle)),
            signed,
            Map.of(
                "dev.sigstore.bundle.content",
                "dsse-envelope",
                "dev.sigstore.bundle.predicateType",
                CLAIM));
    client.putBlob(repository, image.config(), empty);
    client.putBlob(repository, image.layers().getFirst(), bundle);
    client.attach(repository, image);
  }

  private static List<Document> signatures(
      RegistryClient client, Reference reference, Digest digest) {
    var repository = reference.repository();
    return client.referrers(repository, digest, BUNDLE).stream()
        .map(
            referrer -> {
              var fetched = client.manifest(Reference.of(repository, referrer.digest()));
              var layer = ImageManifest.read("a signature", fetched.bytes()).layers().getFirst();
              return Document.of(client.blob(repository, layer, 1 << 16));
            })
        .toList();
  }

  private void cosignRegistry(String command, String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(command, "--allow-insecure-registry"));
    all.add("--allow-http-registry");
    all.addAll(List.of(arguments));
    cosign(all.toArray(String[]::new));
  }

  private void cosign(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Objects.requireNonNull(System.getenv("COSIGN")));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("cosign.log").toFile());
    builder.environment().put("COSIGN_PASSWORD", "");
    var process = builder.start();
    process.getOutputStream().close();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("cosign ends").isTrue();
    assertThat(process.exitValue()).as(() -> command + ": " + log()).isZero();
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("cosign.log"));
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}
