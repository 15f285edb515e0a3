package org.wasmbroker.registry.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.sandbox.component.ComponentNames;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

class OciLayoutTest {
  private static final ReleaseId ID = new ReleaseId("hello", Version.parse("1.2.3-rc.1"));
  private static final Document MANIFEST = Document.of("{\"name\":\"hello\"}");
  private static final Digest MODULE = Digest.of(new byte[] {0, 'a', 's', 'm'});

  /** Signatures name this digest, so that a change here would make all of them invalid. */
  @Test
  void theBytesOfAReleaseNeverChange() {
    var layout = OciLayout.of(ID, MANIFEST, MODULE, 4, Optional.empty());

    assertThat(layout.config().text())
        .isEqualTo(
            """
            {"created":"1970-01-01T00:00:00Z","architecture":"wasm","os":"wasip1","layerDigests":[\
            "sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f",\
            "sha256:26dba3998c572e52bf475c1bb66cef2a1e11b7d1aa8026a983e7ed5bf68bcade"]}\
            """);
    assertThat(layout.bytes().text())
        .isEqualTo(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/vnd.wasm.config.v0+json",\
            "digest":"sha256:0e0b56a85b53a573e40d1a5152cba4eabd212e2b1bb109fe9e32594b6d640aac","size":235},\
            "layers":[{"mediaType":"application/wasm",\
            "digest":"sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f",\
            "size":4,"annotations":{"org.opencontainers.image.title":"module.wasm"}},\
            {"mediaType":"application/vnd.wasm-broker.handler.manifest.v1+json",\
            "digest":"sha256:26dba3998c572e52bf475c1bb66cef2a1e11b7d1aa8026a983e7ed5bf68bcade",\
            "size":16,"annotations":{"org.opencontainers.image.title":"manifest.json"}}],\
            "annotations":{"org.opencontainers.image.title":"hello",\
            "org.opencontainers.image.version":"1.2.3-rc.1"}}\
            """);
    assertThat(layout.digest()).isEqualTo(Digest.of(layout.bytes().bytes()));
    assertThat(ImageManifest.read("", layout.bytes())).isEqualTo(layout.image());
  }

  @Test
  void anotherVersionManifestOrModuleHasAnotherDigest() {
    var digest = OciLayout.of(ID, MANIFEST, MODULE, 4, Optional.empty()).digest();

    assertThat(
            OciLayout.of(
                new ReleaseId("hello", new Version(1, 2, 3)),
                MANIFEST,
                MODULE,
                4,
                Optional.empty()))
        .extracting(OciLayout::digest)
        .isNotEqualTo(digest);
    assertThat(
            OciLayout.of(ID, Document.of("{\"name\": \"hello\"}"), MODULE, 4, Optional.empty())
                .digest())
        .isNotEqualTo(digest);
    assertThat(OciLayout.of(ID, MANIFEST, Digest.of(new byte[] {1}), 4, Optional.empty()).digest())
        .isNotEqualTo(digest);
  }

  /** As other tools write it of a component, so that they know one when they see it. */
  @Test
  void aComponentSaysSoAndWhatItImportsAndExports() {
    var names =
        new ComponentNames(
            List.of("wasm-broker:handler/log@1.0.0", "odd \"name\""), List.of("run"));

    var layout = OciLayout.of(ID, MANIFEST, MODULE, 4, Optional.of(names));

    assertThat(layout.config().text())
        .isEqualTo(
            """
            {"created":"1970-01-01T00:00:00Z","architecture":"wasm","os":"wasip2","layerDigests":[\
            "sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f",\
            "sha256:26dba3998c572e52bf475c1bb66cef2a1e11b7d1aa8026a983e7ed5bf68bcade"],\
            "component":{"exports":["run"],\
            "imports":["wasm-broker:handler/log@1.0.0","odd \\"name\\""]}}\
            """);
    assertThat(layout.image().layers())
        .isEqualTo(OciLayout.of(ID, MANIFEST, MODULE, 4, Optional.empty()).image().layers());
    assertThat(ImageManifest.read("", layout.bytes())).isEqualTo(layout.image());
  }
}
