package org.wasmbroker.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

class ManifestReaderTest {
  private static final Entry ENTRY = new Entry("transform", new Version(1, 0, 0));
  private static final String LEAST = "\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\"";

  @Test
  void theLeastManifestIsEnough() {
    var manifest = read("{" + LEAST + "}");

    assertThat(manifest.name()).isEqualTo("transform");
    assertThat(manifest.version()).isEqualTo(new Version(1, 0, 0));
    assertThat(manifest.memoryBytes()).isNull();
    assertThat(manifest.outputSchema()).isNull();
  }

  @Test
  void everyMemberIsRead() {
    var manifest =
        read(
            "{"
                + LEAST
                + """
                ,"description":"jq","config_schema":{"type":"object"},"input_schema":true,
                "output_schema":{},"capabilities":{"http":[]},
                "resources":{"memory_bytes":65536,"timeout_ms":250},"errors":[]}
                """);

    assertThat(manifest.description()).isEqualTo("jq");
    assertThat(manifest.configSchema()).isEqualTo(Document.of("{\"type\":\"object\"}"));
    assertThat(manifest.inputSchema()).isEqualTo(Document.of("true"));
    assertThat(manifest.capabilities()).isEqualTo(Document.of("{\"http\":[]}"));
    assertThat(manifest.memoryBytes()).isEqualTo(65_536);
    assertThat(manifest.timeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(manifest.errors()).isEqualTo(Document.of("[]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"other\",\"version\":\"1.0.0\",\"abi\":\"1\"} | /name is \"other\" and must be \"transform\"",
        "{\"name\":\"transform\",\"version\":\"1.0.1\",\"abi\":\"1\"} | /version is \"1.0.1\" and must be \"1.0.0\"",
        "{\"name\":\"transform\",\"version\":\"1.0.0\"} | /abi is missing; it must be \"1\"",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":1} | /abi must be a string",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"2\"} | /abi is \"2\" and must be \"1\"",
        "{\"nam\":\"transform\"} | /nam is unknown; the members are name, version",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\",\"output_schema\":{\"type\":\"strin\"}} | /output_schema cannot be used: /type: does not have a value in the enumeration",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\",\"output_schema\":{\"$ref\":\"https://example.org/a\"}} | /output_schema cannot be used: it refers to 'https://example.org/a'",
        "[] | must be a JSON object",
        "{\"name\":\"transform\", | is not JSON",
        "{\"name\":\"a\",\"name\":\"b\"} | is not JSON: Duplicate",
      })
  void whatIsNoManifestIsRefusedByPlace(String text, String expected) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageStartingWith("/modules: transform/1.0.0/manifest.json ")
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"resources\":{\"memory_bytes\":1} | /resources/memory_bytes must be at least 65536, was 1",
        "\"resources\":{\"timeout_ms\":0} | /resources/timeout_ms must be at least 1, was 0",
        "\"resources\":{\"timeout_ms\":1.5} | /resources/timeout_ms must be a whole number",
        "\"resources\":{\"cpu\":1} | /resources/cpu is unknown; the members are memory_bytes, timeout_ms",
        "\"resources\":[] | /resources must be an object",
        "\"capabilities\":[] | /capabilities must be an object",
        "\"config_schema\":1 | /config_schema must be a JSON Schema",
        "\"errors\":{} | /errors must be an array",
      })
  void aWrongMemberIsRefusedByPlace(String member, String expected) {
    assertThatThrownBy(() -> read("{" + LEAST + "," + member + "}"))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining(expected);
  }

  private static Manifest read(String text) {
    return ManifestReader.read(Document.of(text), ENTRY, "/modules");
  }
}
