package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  private static final String HEX =
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

  @ParameterizedTest
  @CsvSource({
    "oci://registry.example/hello:1.0.0, registry.example, hello, 1.0.0",
    "registry.example/hello:1.0.0, registry.example, hello, 1.0.0",
    "oci://registry/team/hello:Latest_1, registry, team/hello, Latest_1",
    "oci://Registry.Example:5000/a-b/c__d/e.f:v1, registry.example:5000, a-b/c__d/e.f, v1",
    "localhost/hello:1, localhost, hello, 1",
    "oci://127.0.0.1:5000/hello:1, 127.0.0.1:5000, hello, 1",
    "'[::1]:5000/hello:1', '[::1]:5000', hello, 1",
    "'oci://[0:0:0:0:0:0:0:1]/hello:1', '[::1]', hello, 1",
    "oci://registry.example:443/hello:1, registry.example:443, hello, 1",
    "oci://docker.io/library/hello:1, docker.io, library/hello, 1",
  })
  void hostRepositoryAndTagAreTakenAsWritten(
      String text, String registry, String path, String tag) {
    var reference = Reference.parse(text);

    assertThat(reference.repository()).isEqualTo(new Repository(registry, path));
    assertThat(reference.repository().registry()).isEqualTo(registry);
    assertThat(reference.tag()).isEqualTo(tag);
    assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
  }

  @Test
  void aDigestCountsBeforeATag() {
    var reference = Reference.parse("oci://r.example/hello:1.0.0@sha256:" + HEX);

    assertThat(reference.tag()).isEqualTo("1.0.0");
    assertThat(reference.manifestName()).isEqualTo("sha256:" + HEX);
    assertThat(Reference.parse("r.example/hello@sha256:" + HEX).tag()).isNull();
    assertThat(Reference.parse("r.example/hello").namesManifest()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "hello:1.0.0",
        "library/hello:1.0.0", // a host, or not? nobody guesses
        "oci://registry.example",
        "oci:///hello",
        "oci://registry.example/",
        "oci://registry.example/Hello:1",
        "oci://registry.example/hello:",
        "oci://registry.example/hello:.1",
        "oci://registry.example/hello:1:2",
        "oci://registry.example/a//b:1",
        "oci://registry.example/../b:1",
        "oci://registry.example/hello@sha256:44",
        "oci://registry.example/hello@sha512:" + HEX,
        "oci://user:secret@registry.example/hello:1",
        "oci://registry.example:0/hello:1",
        "oci://registry.example:99999/hello:1",
        "oci://999.1.1.1/hello:1",
        "https://registry.example/hello:1",
        "docker://registry.example/hello:1",
        "oci://registry.example/hello:1?x=y",
        "oci://registry.example/hello:1#x",
        "oci://registry.example/he llo:1",
        "oci://registry.example/hello:1\n"
      })
  void anythingElseIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> Reference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("oci://registry.example/handlers/hello:1.0.0");
  }

  @Test
  void longNamesAreRefusedQuickly() {
    assertThatThrownBy(() -> new Repository("r.example", "a-".repeat(100_000) + "_"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Repository("r.example", "a".repeat(254) + "!"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Reference.parse("r.example/a:" + "1".repeat(129)))
        .hasMessageContaining("a tag has 1 to 128");
  }
}
