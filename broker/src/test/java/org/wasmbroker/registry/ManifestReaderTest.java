package org.wasmbroker.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.url.Destination;

class ManifestReaderTest {
  private static final Entry ENTRY = new Entry("transform", new Version(1, 0, 0));
  private static final String MINIMAL =
      "\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\"";

  @Test
  void aMinimalManifestIsAccepted() {
    var manifest = read("{" + MINIMAL + "}");

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
                + MINIMAL
                + """
                ,"description":"jq","config_schema":{"type":"object"},"input_schema":true,
                "output_schema":{},"capabilities":{"http":[]},
                "resources":{"memory_bytes":65536,"timeout_ms":250},"errors":[]}
                """);

    assertThat(manifest.description()).isEqualTo("jq");
    assertThat(manifest.configSchema()).isEqualTo(Document.of("{\"type\":\"object\"}"));
    assertThat(manifest.inputSchema()).isEqualTo(Document.of("true"));
    assertThat(manifest.capabilities()).isEqualTo(RequestedCapabilities.BASIC);
    assertThat(manifest.memoryBytes()).isEqualTo(65_536);
    assertThat(manifest.timeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(manifest.errors()).isEqualTo(Document.of("[]"));
  }

  @Test
  void requestedCapabilitiesAreRead() {
    var manifest =
        read(
            "{"
                + MINIMAL
                + """
                ,"capabilities":{
                  "host_functions":["log","http_request"],
                  "http":["POST https://a.example/v1",{"url":"http://b.example:8080"},
                    {"scheme":"*","host":"*","port":"*","methods":["*"]},
                    {"host":"c.example","port":8443,"path":"/x"}],
                  "secrets":["KEY"]},
                "resources":{"class":"image"}}
                """);

    var asked = manifest.capabilities();
    assertThat(asked.functions())
        .containsExactlyInAnyOrder(AbiFunction.LOG, AbiFunction.HTTP_REQUEST);
    assertThat(asked.http())
        .extracting(Destination::toString)
        .containsExactly(
            "POST https://a.example/v1",
            "GET,HEAD http://b.example:8080/",
            "* *://*:*/",
            "GET,HEAD https://c.example:8443/x");
    assertThat(asked.secrets()).containsExactly(new SecretName("KEY"));
    assertThat(asked.resourceClass()).isEqualTo(new ResourceClassName("image"));
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
  void anInvalidManifestIsRefusedWithItsLocation(String text, String expected) {
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
        "\"resources\":{\"cpu\":1} | /resources/cpu is unknown; the members are memory_bytes, timeout_ms, class",
        "\"resources\":[] | /resources must be an object",
        "\"capabilities\":{\"net\":[]} | /capabilities/net is unknown; the members are host_functions, http, secrets",
        "\"capabilities\":{\"host_functions\":[\"fork\"]} | /capabilities/host_functions/0: is 'fork' and must be one of read_input,",
        "\"capabilities\":{\"host_functions\":\"log\"} | /capabilities/host_functions must be an array of at most 100",
        "\"capabilities\":{\"http\":[1]} | /capabilities/http/0: must be a string or an object",
        "\"capabilities\":{\"http\":[\"https://*example.com\"]} | /capabilities/http/0: a host may have a wildcard only for a whole label",
        "\"capabilities\":{\"http\":[{\"url\":\"https://a.example\",\"host\":\"b\"}]} | /capabilities/http/0: /host is unknown",
        "\"capabilities\":{\"http\":[{\"host\":\"a.example\",\"methods\":\"GET\"}]} | methods that are no array",
        "\"capabilities\":{\"secrets\":[\"a b\"]} | /capabilities/secrets/0: a secret's name has",
        "\"resources\":{\"class\":\"Big\"} | /resources/class a resource class is named by",
        "\"capabilities\":[] | /capabilities must be an object",
        "\"config_schema\":1 | /config_schema must be a JSON Schema",
        "\"errors\":{} | /errors must be an array",
      })
  void anInvalidMemberIsRefusedWithItsPointer(String member, String expected) {
    assertThatThrownBy(() -> read("{" + MINIMAL + "," + member + "}"))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining(expected);
  }

  private static Manifest read(String text) {
    return ManifestReader.read(Document.of(text), ENTRY, "/modules");
  }
}
