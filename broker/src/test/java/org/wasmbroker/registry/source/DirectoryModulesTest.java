package org.wasmbroker.registry.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

class DirectoryModulesTest {
  private static final ReleaseId ECHO = new ReleaseId("echo", new Version(1, 0, 0));

  @TempDir Path root;
  @TempDir Path elsewhere;

  private DirectoryModules modules() {
    return new DirectoryModules(root, 100);
  }

  @Test
  void listsVersionsWithBothFiles() throws IOException {
    put("echo/1.0.0", "wasm");
    Files.createDirectories(root.resolve("echo/1.1.0"));
    Files.writeString(root.resolve("echo/1.1.0/module.wasm"), "half copied");

    assertThat(modules().list()).extracting(Release::id).containsExactly(ECHO);
  }

  @Test
  void skipsDirectoriesThatAreNotHandlersOrVersions() throws IOException {
    put("echo/1.0.0", "wasm");
    put("Echo Echo/1.0.0", "wasm");
    put("echo/latest", "wasm");
    put(".git/1.0.0", "wasm");
    Files.writeString(root.resolve("README"), "hello");

    assertThat(modules().list()).extracting(Release::id).containsExactly(ECHO);
  }

  @Test
  void withoutSha256SumsAModuleIsUsedAsFound() throws IOException {
    put("echo/1.0.0", "wasm");

    var file = modules().fetch(ECHO);

    assertThat(file.wasm().digest()).isEqualTo(Digest.of("wasm".getBytes(UTF_8)));
    assertThat(file.manifest()).isEqualTo(Document.of("{}"));
  }

  @Test
  void aModuleWithAWrongDigestIsRefused() throws IOException {
    put("echo/1.0.0", "wasm");
    sums(Digest.of("other".getBytes(UTF_8)) + "  echo/1.0.0/module.wasm\n");

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining(
            "echo/1.0.0/module.wasm has the SHA-256 " + Digest.of("wasm".getBytes(UTF_8)))
        .hasMessageContaining("SHA256SUMS says " + Digest.of("other".getBytes(UTF_8)));
  }

  @Test
  void aManifestWithAWrongDigestIsRefused() throws IOException {
    put("echo/1.0.0", "wasm");
    sums(
        Digest.of("wasm".getBytes(UTF_8))
            + "  echo/1.0.0/module.wasm\n"
            + Digest.of("other".getBytes(UTF_8))
            + "  echo/1.0.0/manifest.json\n");

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("echo/1.0.0/manifest.json has the SHA-256");
  }

  @Test
  void aModuleMissingFromSha256SumsIsRefused() throws IOException {
    put("echo/1.0.0", "wasm");
    sums("");

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("echo/1.0.0/module.wasm is not listed in SHA256SUMS")
        .hasMessageContaining("sha256sum echo/1.0.0/module.wasm >> SHA256SUMS");
  }

  @Test
  void theSignatureBesideAModuleComesWithItAndSoDoesTheOciManifestThatItNames() throws IOException {
    put("echo/1.0.0", "module");
    var unsigned = modules().fetch(ECHO).provenance();
    assertThat(unsigned.signatures()).isEmpty();
    Files.writeString(root.resolve("echo/1.0.0/signature.sigstore.json"), "[]");

    var artifact = modules().fetch(ECHO);
    assertThat(artifact.provenance().signatures()).containsExactly(Document.of("[]"));
    var wasm = artifact.wasm();
    assertThat(artifact.provenance().manifestDigest())
        .isEqualTo(OciLayout.of(ECHO, artifact.manifest(), wasm.digest(), wasm.size()).digest())
        .isEqualTo(unsigned.manifestDigest());
  }

  @Test
  void aSignatureOfAnySizeIsNotReadToItsEnd() throws IOException {
    put("echo/1.0.0", "module");
    Files.writeString(
        root.resolve("echo/1.0.0/signature.sigstore.json"), " ".repeat((64 << 10) + 1));
    assertThatThrownBy(() -> modules().fetch(ECHO)).hasMessageContaining("more than 65536 bytes");
  }

  @Test
  void symlinksWithinTheDirectoryAreFollowed() throws IOException {
    put("..2026/echo/1.0.0", "wasm");
    Files.createSymbolicLink(root.resolve("..data"), Path.of("..2026"));
    Files.createSymbolicLink(root.resolve("echo"), Path.of("..data/echo"));

    assertThat(modules().list()).extracting(Release::id).containsExactly(ECHO);
    assertThat(modules().fetch(ECHO).wasm().size()).isEqualTo(4);
  }

  @Test
  void aSymlinkOutOfTheDirectoryIsRefused() throws IOException {
    Files.writeString(elsewhere.resolve("secret"), "wasm");
    put("echo/1.0.0", "wasm");
    var module = root.resolve("echo/1.0.0/module.wasm");
    Files.delete(module);
    Files.createSymbolicLink(module, elsewhere.resolve("secret"));

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("points outside of " + root);
  }

  @Test
  void anOversizedModuleIsNotReadToItsEnd() throws IOException {
    put("echo/1.0.0", "w".repeat(101));

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("has more than 100 bytes, the maximum for engine.module-size");
  }

  @Test
  void aMissingDirectoryIsReportedWithARemedy() {
    assertThatThrownBy(() -> new DirectoryModules(root.resolve("gone"), 100).list())
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("does not exist; create it");
  }

  @Test
  void anInvalidSha256SumsLineIsReportedByNumber() throws IOException {
    put("echo/1.0.0", "wasm");
    sums("\nabc  echo/1.0.0/module.wasm\n");

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("SHA256SUMS, line 2: expected");
  }

  private void put(String directory, String module) throws IOException {
    var target = Files.createDirectories(root.resolve(directory));
    Files.writeString(target.resolve("module.wasm"), module);
    Files.writeString(target.resolve("manifest.json"), "{}");
  }

  private void sums(String text) throws IOException {
    Files.writeString(root.resolve("SHA256SUMS"), text);
  }
}
