package org.wasmbroker.registry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

final class StoredModulesTest {
  private static final ReleaseId HELLO = ModuleStoreTest.id("hello", "1.0.0");

  @TempDir private Path root;

  private final Remote remote = new Remote();

  @Test
  void aBrokerStartsWithoutItsRegistry() {
    var artifact = remote.add(HELLO, 1);
    var before = start();
    before.list();
    before.fetch(HELLO);

    remote.down = true;
    var after = start();

    assertThat(after.known())
        .containsExactly(
            new Release(HELLO, artifact.wasm().digest(), Origin.USER, remote.location(), null));
    ModuleStoreTest.assertSame(after.fetch(HELLO), artifact);
    assertThatThrownBy(after::list).isInstanceOf(ModuleSourceException.class);
    assertThat(after.known()).hasSize(1);
  }

  @Test
  void aReleaseIsFetchedOnceAndMeansWhatItMeantFirst() {
    var artifact = remote.add(HELLO, 1);
    start().fetch(HELLO);
    remote.add(HELLO, 2);

    var modules = start();
    assertThat(modules.change(HELLO)).isNull();
    assertThat(modules.list())
        .extracting(Release::module)
        .containsExactly(artifact.wasm().digest());
    assertThat(modules.change(HELLO)).startsWith("module sha256:");
    ModuleStoreTest.assertSame(modules.fetch(HELLO), artifact);

    assertThat(remote.fetched).containsExactly(HELLO);
  }

  @Test
  void whatIsNoLongerOfferedIsForgotten() {
    remote.add(HELLO, 1);
    var modules = start();
    modules.list();
    modules.fetch(HELLO);
    remote.artifacts.remove(HELLO);

    modules.list();

    assertThat(start().known()).isEmpty();
  }

  @Test
  void whatIsNoLongerOfferedIsFoundByItsDigestUntilTheStoreIsCleared() throws IOException {
    var artifact = remote.add(HELLO, 1);
    var digest = artifact.wasm().digest();
    var modules = start();
    modules.list();
    modules.fetch(HELLO);
    assertThat(modules.former("hello", digest)).as("it is offered").isEmpty();
    remote.artifacts.clear();
    modules.list();
    remote.down = true;

    var former = start().former("hello", digest).orElseThrow();

    assertThat(former.list())
        .containsExactly(new Release(HELLO, digest, Origin.USER, remote.location(), null));
    ModuleStoreTest.assertSame(former.fetch(HELLO), artifact);
    assertThat(start().former("other", digest)).isEmpty();
    assertThat(start().former("hello", Digest.of(new byte[1]))).isEmpty();
    store().gc(Set.of(remote.id()));
    assertThat(start().former("hello", digest)).isEmpty();
  }

  @Test
  void aModuleThatWasDamagedOnTheDiskIsFetchedAgain() throws IOException {
    var artifact = remote.add(HELLO, 1);
    start().fetch(HELLO);
    try (var files = Files.walk(root)) {
      files
          .filter(file -> file.endsWith(artifact.wasm().digest().hex()))
          .forEach(StoredModulesTest::damage);
    }

    ModuleStoreTest.assertSame(start().fetch(HELLO), artifact);
    ModuleStoreTest.assertSame(start().fetch(HELLO), artifact);

    assertThat(remote.fetched).containsExactly(HELLO, HELLO);
  }

  @Test
  void aSignatureThatWasAddedLaterIsFoundWithoutAnotherDownload() {
    var unsigned = remote.add(HELLO, 1);
    start().fetch(HELLO);
    var modules = start();
    remote.signatures = List.of(Document.of("signed"));

    assertThat(modules.fetch(HELLO).provenance()).isEqualTo(unsigned.provenance());
    assertThat(modules.fetch(HELLO).provenance().signatures()).isEqualTo(remote.signatures);

    remote.down = true;
    assertThat(modules.fetch(HELLO).provenance().signatures()).isEqualTo(remote.signatures);
    assertThat(start().fetch(HELLO).provenance().signatures()).isEqualTo(remote.signatures);
    assertThat(remote.fetched).containsExactly(HELLO);
  }

  @Test
  void aTagThatWasMovedWhileTheBrokerWasDownIsAChange() {
    var artifact = remote.add(HELLO, 1);
    start().fetch(HELLO);
    var modules = start();
    remote.fingerprint = "sha256:" + artifact.provenance().manifestDigest();
    modules.fingerprint(HELLO);
    assertThat(modules.change(HELLO)).isNull();

    remote.fingerprint = "sha256:" + Digest.of(new byte[] {1});
    modules.fingerprint(HELLO);

    assertThat(modules.change(HELLO)).isEqualTo(remote.fingerprint);
  }

  private StoredModules start() {
    return new StoredModules(remote, store());
  }

  private ModuleStore store() {
    var config = new StoreConfig(root.resolve("modules"), StoreConfig.NONE.bytes());
    return ModuleStore.open(config).orElseThrow();
  }

  private static void damage(Path file) {
    try {
      Files.delete(file);
      Files.write(file, new byte[10]);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static final class Remote implements ModuleSource {
    final Map<ReleaseId, Artifact> artifacts = new HashMap<>();
    final List<ReleaseId> fetched = new ArrayList<>();
    List<Document> signatures = List.of();
    @Nullable String fingerprint;
    boolean down;

    Artifact add(ReleaseId id, int seed) {
      var made = ModuleStoreTest.artifact(seed, 100);
      var unsigned = new Provenance(made.provenance().ociManifest(), List.of());
      var artifact = new Artifact(made.manifest(), made.wasm(), unsigned);
      artifacts.put(id, artifact);
      return artifact;
    }

    @Override
    public String location() {
      return "oci://registry.example/handlers";
    }

    @Override
    public Origin origin() {
      return Origin.USER;
    }

    @Override
    public List<Release> list() {
      requireUp();
      return artifacts.entrySet().stream()
          .map(entry -> release(entry.getKey(), entry.getValue()))
          .toList();
    }

    @Override
    public Artifact fetch(ReleaseId id) {
      requireUp();
      fetched.add(id);
      return Objects.requireNonNull(artifacts.get(id));
    }

    @Override
    public List<Document> signatures(ReleaseId id, Digest manifest) {
      requireUp();
      return signatures;
    }

    @Override
    public @Nullable String fingerprint(ReleaseId id) {
      return fingerprint;
    }

    private Release release(ReleaseId id, Artifact artifact) {
      return new Release(id, artifact.wasm().digest(), Origin.USER, location(), null);
    }

    private void requireUp() {
      if (down) {
        throw new ModuleSourceException("the registry does not answer", null);
      }
    }
  }
}
