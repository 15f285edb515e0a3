package org.wasmbroker.registry.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
    assertThat(artifact.provenance().manifestDigest())
        .isEqualTo(OciLayout.of(ECHO, artifact.manifest(), artifact.wasm()).digest())
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

  @Test
  void namesThatDifferInCaseAreNotOneHandler() throws IOException {
    put("echo/1.0.0", "wasm");
    put("Echo/2.0.0", "wasm");
    put("ECHO/1.0.0", "other");

    assertThat(modules().list()).extracting(Release::id).containsExactly(ECHO);
    assertThat(modules().fetch(ECHO).wasm().size()).isEqualTo(4);
  }

  /** A writer renames a version away between the listing of the root and that of the handler. */
  @Test
  void whatDisappearsWhileItIsListedIsNotListed() throws IOException {
    put("echo/1.0.0", "wasm");
    put("gone/1.0.0", "wasm");
    put("renamed/1.0.0", "wasm");
    var modules =
        new DirectoryModules(
            root,
            100,
            (parent, max) -> {
              var found = DirectoryFiles.directoriesIn(parent, max);
              if (parent.equals(root)) {
                Files.move(root.resolve("gone"), elsewhere.resolve("gone"));
              } else if (parent.endsWith("renamed")) {
                Files.move(root.resolve("renamed/1.0.0"), root.resolve("renamed/2.0.0"));
              }
              return found;
            });

    assertThat(modules.list()).extracting(Release::id).containsExactly(ECHO);
  }

  @Test
  void aHandlerThatCannotBeListedKeepsItsVersionsAndOthersAreListed() throws IOException {
    put("echo/1.0.0", "wasm");
    put("locked/1.0.0", "wasm");
    var locked = new AtomicBoolean();
    var modules =
        new DirectoryModules(
            root,
            100,
            (parent, max) -> {
              if (locked.get() && parent.endsWith("locked")) {
                throw new AccessDeniedException(parent.toString());
              }
              return DirectoryFiles.directoriesIn(parent, max);
            });
    var before = modules.list();
    assertThat(before).hasSize(2);

    locked.set(true);
    put("echo/1.1.0", "wasm");
    assertThat(modules.list()).hasSize(3).containsAll(before);

    locked.set(false);
    delete("locked/1.0.0");
    assertThat(modules.list()).extracting(release -> release.id().handler()).containsOnly("echo");
  }

  @Test
  void aRootThatCannotBeListedIsAProblemOfTheSource() {
    var modules =
        new DirectoryModules(
            root,
            100,
            (parent, max) -> {
              throw new AccessDeniedException(parent.toString());
            });

    assertThatThrownBy(modules::list)
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("cannot list " + root);
  }

  @Test
  void tenThousandVersionsAreListed() throws IOException {
    put("echo/1.0.0", "wasm");
    for (int i = 1; i < 10_000; i++) {
      Files.createSymbolicLink(root.resolve("echo/1.0." + i), Path.of("1.0.0"));
    }

    assertThat(modules().list()).hasSize(10_000);
  }

  @Test
  void moreDirectoriesThanAreAllowedAreNotReadToTheEnd() throws IOException {
    put("echo/1.0.0", "wasm");
    put("echo/1.1.0", "wasm");
    put("echo/1.2.0", "wasm");

    assertThatThrownBy(() -> DirectoryFiles.directoriesIn(root.resolve("echo"), 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 2 directories");
  }

  /** Reading a pipe would wait for a writer, for ever. */
  @Test
  @Timeout(60)
  void pipesAreNeitherListedNorRead() throws IOException, InterruptedException {
    put("echo/1.0.0", "wasm");
    pipe("echo/1.0.0/signature.sigstore.json");
    assertThatThrownBy(() -> modules().fetch(ECHO)).hasMessageContaining("not a regular file");

    Files.delete(root.resolve("echo/1.0.0/module.wasm"));
    pipe("echo/1.0.0/module.wasm");
    assertThat(modules().list()).isEmpty();
    assertThatThrownBy(() -> modules().fetch(ECHO)).hasMessageContaining("not a regular file");

    pipe("SHA256SUMS");
    assertThatThrownBy(() -> modules().fetch(ECHO))
        .hasMessageContaining("SHA256SUMS is not a regular file");
  }

  @Test
  void linksThatGoInCirclesAreSkipped() throws IOException {
    put("echo/1.0.0", "wasm");
    Files.createSymbolicLink(root.resolve("circle"), root.resolve("circle"));
    Files.createSymbolicLink(root.resolve("up"), root);
    Files.createSymbolicLink(root.resolve("echo/2.0.0"), root.resolve("echo"));
    Files.createSymbolicLink(root.resolve("echo/3.0.0"), root.resolve("echo/3.0.0"));

    assertThat(modules().list()).extracting(Release::id).containsExactly(ECHO);
  }

  @Test
  void aLinkedDirectoryOutsideIsRefusedWhenItIsRead() throws IOException {
    put("echo/1.0.0", "wasm");
    Files.move(root.resolve("echo"), elsewhere.resolve("echo"));
    Files.createSymbolicLink(root.resolve("echo"), elsewhere.resolve("echo"));

    assertThatThrownBy(() -> modules().fetch(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("points outside of " + root);
  }

  /**
   * Else a module that nobody vouches for would run, in the moment in which the file is replaced.
   */
  @Test
  void digestsThatAreGoneOrUnreadableDoNotMakeModulesUsable() throws IOException {
    put("echo/1.0.0", "wasm");
    sums(Digest.of("wasm".getBytes(UTF_8)) + "  echo/1.0.0/module.wasm\n");
    var modules = modules();
    modules.fetch(ECHO);

    Files.delete(root.resolve("SHA256SUMS"));
    assertThatThrownBy(() -> modules.fetch(ECHO)).hasMessageContaining("SHA256SUMS is gone");

    Files.createSymbolicLink(root.resolve("SHA256SUMS"), root.resolve("..data/SHA256SUMS"));
    assertThatThrownBy(() -> modules.fetch(ECHO)).isInstanceOf(ModuleSourceException.class);
    assertThatThrownBy(() -> modules().fetch(ECHO)).isInstanceOf(ModuleSourceException.class);

    Files.delete(root.resolve("SHA256SUMS"));
    sums(Digest.of("wasm".getBytes(UTF_8)) + "  echo/1.0.0/module.wasm\n");
    assertThat(modules.fetch(ECHO).wasm().size()).isEqualTo(4);
  }

  /** A writer records the new digests, and puts the module there, while the old ones are in use. */
  @Test
  void digestsThatAreReplacedWhileAModuleIsReadAreReadAgain() throws Exception {
    var contents = List.of("one", "two");
    put("echo/1.0.0", "one");
    sums(Digest.of("one".getBytes(UTF_8)) + "  echo/1.0.0/module.wasm\n");
    var modules = modules();
    var stop = new AtomicBoolean();
    var writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !stop.get(); i++) {
                replaceBoth(contents.get(i % 2), i);
              }
            });

    try {
      for (int i = 0; i < 300; i++) {
        fetchedOrRefused(modules).ifPresent(found -> assertThat(found).isIn(contents));
      }
    } finally {
      stop.set(true);
      writer.join();
    }
    assertThat(fetchedOrRefused(modules)).isPresent();
  }

  /** By renames, the digests first. */
  private void replaceBoth(String content, int i) {
    try {
      var sums = elsewhere.resolve("sums" + i);
      Files.writeString(sums, Digest.of(content.getBytes(UTF_8)) + "  echo/1.0.0/module.wasm\n");
      var module = Files.writeString(elsewhere.resolve("module" + i), content);
      Files.move(sums, root.resolve("SHA256SUMS"), StandardCopyOption.ATOMIC_MOVE);
      Files.move(module, root.resolve("echo/1.0.0/module.wasm"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> fetchedOrRefused(DirectoryModules modules) {
    try {
      return Optional.of(new String(modules.fetch(ECHO).wasm().bytes(), UTF_8));
    } catch (ModuleSourceException refused) {
      assertThat(refused).hasMessageContaining("has the SHA-256");
      return Optional.empty();
    }
  }

  private void pipe(String path) throws IOException, InterruptedException {
    var process = new ProcessBuilder("mkfifo", root.resolve(path).toString()).start();
    assertThat(process.waitFor()).isZero();
  }

  private void delete(String directory) throws IOException {
    Files.delete(root.resolve(directory).resolve("module.wasm"));
    Files.delete(root.resolve(directory).resolve("manifest.json"));
    Files.delete(root.resolve(directory));
  }

  @Test
  void aFingerprintIsTheSameUntilAFileIsReplaced() throws IOException {
    put("echo/1.0.0", "wasm");
    var modules = modules();
    var before = modules.fingerprint(ECHO);
    assertThat(modules.fingerprint(ECHO)).isEqualTo(before);

    put("echo/1.0.0", "other wasm");

    assertThat(modules.fingerprint(ECHO)).isNotEqualTo(before);
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
