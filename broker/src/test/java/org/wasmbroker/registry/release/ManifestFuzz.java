package org.wasmbroker.registry.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import tools.jackson.databind.json.JsonMapper;

/**
 * Manifests. One is refused with a message that is safe to log, or its identity matches where it
 * was found, and all parts that are passed on are JSON.
 */
public final class ManifestFuzz implements FuzzTarget {
  private static final ReleaseId ENTRY = new ReleaseId("resize", new Version(1, 2, 3));
  private static final String WHERE = "modules";

  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        "{\"name\":\"resize\",\"version\":\"1.2.3\",\"abi\":\"1\"}",
        """
        {"name":"resize","version":"1.2.3","abi":"1","description":"Makes \\u001b[31m pictures small",
         "config_schema":{"type":"object"},"input_schema":true,
         "output_schema":{"type":"object","required":["id"]},
         "capabilities":{"functions":["log","http_request"],
           "http":[{"scheme":"https","host":"*.example.com","port":443,"path":"/v1/","methods":["GET"]}],
           "secrets":["API_KEY"],"resource_class":"image"},
         "resources":{"memory_bytes":67108864,"timeout_ms":30000},
         "errors":[{"type":"not_an_image","retryable":false}]}\
        """,
        """
        {"name":"resize","version":"1.2.3","abi":"1","capabilities":{}}\
        """,
        """
        {"name":"resize","version":"1.2.3","abi":"1","resources":{"memory_bytes":65535}}\
        """,
        """
        {"name":"resize","version":"1.2.3","abi":"1","resources":{"timeout_ms":1e3}}\
        """,
        "{\"name\":\"transform\",\"version\":\"1.2.3\",\"abi\":\"1\"}",
        "{\"name\":\"resize\",\"name\":\"resize\",\"version\":\"1.2.3\",\"abi\":\"1\"}");
  }

  @Override
  public void accept(byte[] input) {
    Manifest manifest;
    try {
      manifest = ManifestReader.read(Document.of(input), ENTRY, WHERE);
    } catch (ModuleSourceException refused) {
      var message = String.valueOf(refused.getMessage());
      assertThat(message).startsWith(WHERE).hasSizeLessThan(4000);
      assertThat(message.chars()).noneMatch(Character::isISOControl);
      return;
    }
    assertThat(manifest.name()).isEqualTo(ENTRY.handler());
    assertThat(manifest.version()).isEqualTo(ENTRY.version());
    if (manifest.description() != null) {
      assertThat(manifest.description().chars()).noneMatch(Character::isISOControl);
    }
    assertIsJson(manifest.configSchema());
    assertIsJson(manifest.inputSchema());
    assertIsJson(manifest.errors());
    if (manifest.memoryBytes() != null) {
      assertThat(manifest.memoryBytes()).isGreaterThanOrEqualTo(64 << 10);
    }
    if (manifest.timeout() != null) {
      assertThat(manifest.timeout()).isPositive();
    }
  }

  private static void assertIsJson(@Nullable Document document) {
    if (document != null) {
      JsonMapper.shared().readTree(document.bytes());
    }
  }
}
