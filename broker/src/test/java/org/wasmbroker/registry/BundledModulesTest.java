package org.wasmbroker.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

class BundledModulesTest {
  private static final Entry ECHO = new Entry("echo", new Version(1, 0, 0));

  @Test
  void listsAndLoadsTheModulesInSha256Sums() {
    var modules = new BundledModules("/org/wasmbroker/registry/bundled");

    assertThat(modules.list()).containsExactly(ECHO);
    assertThat(modules.load(ECHO).manifest()).isEqualTo(Document.of("{}"));
    assertThat(modules.load(ECHO).wasm().size()).isEqualTo(4);
  }

  @Test
  void aModuleWithAWrongDigestIsRefused() {
    var modules = new BundledModules("/org/wasmbroker/registry/tampered");

    assertThatThrownBy(() -> modules.load(ECHO))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("echo/1.0.0/module.wasm has the SHA-256");
  }

  @Test
  void everyBundledModuleMatchesItsDigestAndManifest() {
    var modules = new BundledModules();

    assertThat(modules.list())
        .isNotEmpty()
        .allSatisfy(
            entry ->
                assertThat(
                        ManifestReader.read(
                            modules.load(entry).manifest(), entry, modules.location()))
                    .extracting(Manifest::name, Manifest::version)
                    .containsExactly(entry.handler(), entry.version()));
  }

  @Test
  void aBuildWithoutModulesIsReported() {
    assertThatThrownBy(() -> new BundledModules("/nowhere").list())
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("the class path has no /nowhere/SHA256SUMS");
  }
}
