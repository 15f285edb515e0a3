package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

class ImageManifestTest {
  private static final String HEX =
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
  private static final Descriptor CONFIG =
      Descriptor.of(MediaTypes.EMPTY, "{}".getBytes(StandardCharsets.UTF_8));

  @Test
  void theCanonicalBytesHaveAFixedOrderAndNoSpaces() {
    var annotations = new LinkedHashMap<String, String>();
    annotations.put("b", "2");
    annotations.put("a", "1");
    var manifest = new ImageManifest(CONFIG, List.of(CONFIG.withTitle("x.wasm")), annotations);

    assertThat(manifest.document().text())
        .isEqualTo(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:%s","size":2},\
            "layers":[{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:%s","size":2,\
            "annotations":{"org.opencontainers.image.title":"x.wasm"}}],\
            "annotations":{"a":"1","b":"2"}}\
            """
                .formatted(HEX, HEX));
  }

  @Test
  void whatWasWrittenIsReadAsTheSame() {
    var manifest =
        new ImageManifest(
            MediaTypes.IMAGE_MANIFEST,
            "application/x",
            CONFIG,
            List.of(CONFIG),
            CONFIG,
            Map.of("a", "ä\"\n"));

    assertThat(ImageManifest.read("m", manifest.document())).isEqualTo(manifest);
    assertThat(manifest.type()).isEqualTo("application/x");
  }

  @Test
  void unknownMembersAndNullsOfOtherToolsArePassedOver() {
    var manifest =
        ImageManifest.read(
            "m",
            Document.of(
                """
                {"schemaVersion":2, "new":[1], "subject":null, "annotations":null, "artifactType":"",
                 "config":{"mediaType":"c","digest":"sha256:%s","size":2,"urls":[],"data":"e30="},
                 "layers":[]}
                """
                    .formatted(HEX)));

    assertThat(manifest.config()).isEqualTo(new Descriptor("c", new Digest(HEX), 2));
    assertThat(manifest.type()).isEqualTo("c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"config\":{},\"layers\":[]}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha512:00\",\"size\":2},\"layers\":[]}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:AA\",\"size\":2},\"layers\":[]}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:"
            + HEX
            + "\",\"size\":-1},\"layers\":[]}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:"
            + HEX
            + "\",\"size\":2},\"layers\":7}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX + "\",\"size\":2}}",
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:"
            + HEX
            + "\",\"size\":2},\"layers\":[],\"layers\":[]}",
        "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}"
      })
  void anInvalidManifestIsAnErrorOfTheRegistry(String text) {
    assertThatThrownBy(() -> ImageManifest.read("the manifest of x", Document.of(text)))
        .isInstanceOfSatisfying(
            OciException.class,
            failure -> assertThat(failure.kind()).isEqualTo(OciException.Kind.PROTOCOL))
        .hasMessageStartingWith("the manifest of x is not valid: ");
  }

  @Test
  void aDeepManifestIsRefused() {
    var deep = Document.of("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");

    assertThatThrownBy(() -> ImageManifest.read("m", deep)).hasMessageContaining("nested");
  }

  @Test
  void anIndexGetsAManifestOnce() {
    var index = ImageIndex.EMPTY.with(CONFIG).with(CONFIG);

    assertThat(index.manifests()).containsExactly(CONFIG);
    assertThat(ImageIndex.read("i", index.document())).isEqualTo(index);
  }
}
