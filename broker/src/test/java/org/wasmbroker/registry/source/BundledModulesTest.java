package org.wasmbroker.registry.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

class BundledModulesTest {
  private static final ReleaseId ECHO = new ReleaseId("echo", new Version(1, 0, 0));

  @Test
  void listsAndLoadsTheModulesInSha256Sums() {
    var modules = new BundledModules("/org/wasmbroker/registry/source/bundled");

    assertThat(modules.list()).extracting(Release::id).containsExactly(ECHO);
    assertThat(modules.fetch(ECHO).manifest()).isEqualTo(Document.of("{}"));
    assertThat(modules.fetch(ECHO).wasm().size()).isEqualTo(4);
  }

  @Test
  void aModuleWithAWrongDigestIsRefused() {
    var modules = new BundledModules("/org/wasmbroker/registry/source/tampered");
    var wasm = modules.fetch(ECHO).wasm();

    assertThatThrownBy(wasm::bytes)
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("echo/1.0.0/module.wasm has the SHA-256");
  }

  @Test
  void everyBundledModuleMatchesItsDigestAndManifest() {
    var modules = new BundledModules();

    assertThat(modules.list())
        .extracting(Release::id)
        .isNotEmpty()
        .allSatisfy(
            id ->
                assertThat(
                        ManifestReader.read(modules.fetch(id).manifest(), id, modules.location()))
                    .extracting(Manifest::name, Manifest::version)
                    .containsExactly(id.handler(), id.version()))
        .allSatisfy(id -> assertThat(modules.fetch(id).wasm().size()).isPositive());
  }

  @Test
  void handlersThatAreTheSameProgramShareItsBytes() {
    var modules = new BundledModules();
    var cat = modules.fetch(new ReleaseId("cat", new Version(1, 0, 0))).wasm();
    var sort = modules.fetch(new ReleaseId("sort", new Version(1, 0, 0))).wasm();

    assertThat(sort.digest()).isEqualTo(cat.digest());
    assertThat(sort.bytes()).isSameAs(cat.bytes());
  }

  @Test
  void aBuildWithoutModulesIsReported() {
    assertThatThrownBy(() -> new BundledModules("/nowhere").list())
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("the class path has no /nowhere/SHA256SUMS");
  }
}
