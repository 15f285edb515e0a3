package org.wasmbroker.registry.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.url.Destination;

class ManifestReaderTest {
  private static final ReleaseId ENTRY = new ReleaseId("transform", new Version(1, 0, 0));
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
  void whatItTellsPlannersIsOptional() {
    assertThat(read("{" + MINIMAL + "}").guidance()).isEqualTo(Guidance.NONE);
    assertThat(
            read("{"
                    + MINIMAL
                    + ",\"use_when\":[\"a\",\"b\"],\"avoid_when\":[\"c\"],\"composition\":[\"d\"]}")
                .guidance())
        .isEqualTo(new Guidance(List.of("a", "b"), List.of("c"), List.of("d")));
  }

  @Test
  void whatItTellsPlannersIsPrintableSentences() {
    for (var value :
        List.of("\"a\"", "[1]", "[\"\"]", "[\"a\\nb\"]", "[\"" + "x".repeat(501) + "\"]")) {
      assertThatThrownBy(() -> read("{" + MINIMAL + ",\"use_when\":" + value + "}"))
          .isInstanceOf(ModuleSourceException.class)
          .hasMessageContaining("/use_when");
    }
  }

  @Test
  void aManifestThatIsNestedTooDeeplyIsRefused() {
    for (var member : List.of("config_schema", "input_schema", "output_schema")) {
      var schema = "{\"items\":".repeat(400) + "{}" + "}".repeat(400);

      assertThatThrownBy(() -> read("{" + MINIMAL + ",\"" + member + "\":" + schema + "}"))
          .isInstanceOf(ModuleSourceException.class)
          .hasMessageContaining("is nested deeper than 100 levels");
    }
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

    var requested = manifest.capabilities();
    assertThat(requested.functions()).containsExactlyInAnyOrder("log", "http_request");
    assertThat(requested.of(Capabilities.HTTP))
        .extracting(Destination::toString)
        .containsExactly(
            "POST https://a.example/v1",
            "GET,HEAD http://b.example:8080/",
            "* *://*:*/",
            "GET,HEAD https://c.example:8443/x");
    assertThat(requested.of(Capabilities.SECRETS).names()).containsExactly(new SecretName("KEY"));
    assertThat(requested.resourceClass()).isEqualTo(new ResourceClassName("image"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"other\",\"version\":\"1.0.0\",\"abi\":\"1\"} | : /name: must be 'transform',"
            + " the directory's name, was 'other'",
        "{\"name\":\"transform\",\"version\":\"1.0.1\",\"abi\":\"1\"} | : /version: must be"
            + " '1.0.0', the directory's name, was '1.0.1'",
        "{\"name\":\"transform\",\"version\":\"1.0.0\"} | /abi: is missing; must be '1', the ABI"
            + " that this broker speaks",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":1} | /abi: must be a string, was 1",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"2\"} | /abi: must be '1', the ABI"
            + " that this broker speaks, was '2'",
        "{\"nam\":\"transform\"} | /nam: is unknown; did you mean 'name'? (available: name,"
            + " version, abi,",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\",\"output_schema\":{\"type\":\"strin\"}}"
            + " | /output_schema: cannot be used: /type: expected types out of null",
        "{\"name\":\"transform\",\"version\":\"1.0.0\",\"abi\":\"1\",\"output_schema\":{\"$ref\":\"https://example.org/a\"}}"
            + " | /output_schema: cannot be used: /$ref: 'https://example.org/a' points outside"
            + " this schema",
        "[] | must be a JSON object",
        "{\"name\":\"transform\", | is not valid JSON",
        "{\"name\":\"a\",\"name\":\"b\"} | line 1, column 13: /name: appears twice",
      })
  void anInvalidManifestIsRefusedWithItsLocation(String text, String expected) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageStartingWith("/modules: transform/1.0.0/manifest.json: ")
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"resources\":{\"memory_bytes\":1} | /resources/memory_bytes: must be at least 65536, was"
            + " 1",
        "\"resources\":{\"timeout_ms\":0} | /resources/timeout_ms: must be at least 1, was 0",
        "\"resources\":{\"timeout_ms\":1.5} | /resources/timeout_ms: must be an integer, was 1.5",
        "\"resources\":{\"cpu\":1} | /resources/cpu: is unknown; available: memory_bytes,"
            + " timeout_ms, class",
        "\"resources\":[] | /resources: must be an object, was an array",
        "\"capabilities\":{\"net\":[]} | /capabilities/net: is unknown; available: host_functions,"
            + " http, secrets",
        "\"capabilities\":{\"host_functions\":[\"fork\"]} | /capabilities/host_functions/0: must be"
            + " one of read_input,",
        "\"capabilities\":{\"host_functions\":\"log\"} | /capabilities/host_functions: must be an"
            + " array, was 'log'",
        "\"capabilities\":{\"http\":[1]} | /capabilities/http/0: must be a string or an object",
        "\"capabilities\":{\"http\":[\"https://*example.com\"]} | /capabilities/http/0: a host may"
            + " have a wildcard only for a whole label",
        "\"capabilities\":{\"http\":[{\"url\":\"https://a.example\",\"host\":\"b\"}]} |"
            + " /capabilities/http/0/host: is unknown; available: url, methods",
        "\"capabilities\":{\"http\":[{\"host\":\"a.example\",\"methods\":\"GET\"}]} |"
            + " /capabilities/http/0/methods: must be an array, was 'GET'",
        "\"capabilities\":{\"secrets\":[\"a b\"]} | /capabilities/secrets/0: a secret's name has",
        "\"resources\":{\"class\":\"Big\"} | /resources/class: a resource class is named by",
        "\"capabilities\":[] | /capabilities: must be an object, was an array",
        "\"capabilities\":null | /capabilities: must be an object, was null",
        "\"resources\":null | /resources: must be an object, was null",
        "\"config_schema\":1 | /config_schema: must be a JSON Schema",
        "\"errors\":{} | /errors: must be an array, was an object",
      })
  void anInvalidMemberIsRefusedWithItsPointer(String member, String expected) {
    assertThatThrownBy(() -> read("{" + MINIMAL + "," + member + "}"))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void allProblemsAreReportedTogether() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"name":"transform","version":"1.0.1","abi":"1",
                     "resources":{"memory_bytes":"1GiB"},"capabilties":{}}
                    """))
        .hasMessage(
            "/modules: transform/1.0.0/manifest.json: line 1, column 21: /version: must be"
                + " '1.0.0', the directory's name, was '1.0.1'; line 2, column 15:"
                + " /resources/memory_bytes: must be an integer, was '1GiB'; line 2, column 38:"
                + " /capabilties: is unknown; did you mean 'capabilities'? (available: name,"
                + " version, abi, description, config_schema, input_schema, output_schema,"
                + " capabilities, resources, errors, examples, use_when, avoid_when, composition)");
  }

  @Test
  void examplesAreReadWithTheRestOfTheirStepDocument() {
    var examples =
        read("{"
                + MINIMAL
                + """
                ,"examples":[
                  {"name":"adds","config":{"filter":"."},"context":[1],"deps":{"a":{}},"prev":2,
                   "checkpoint":{"cursor":1},"expect":{"result":null}},
                  {"name":"fails","expect":{"error":{"type":"t","message":"m","code":"c","retryable":true}}},
                  {"name":"whole","input":{"a":1},"expect":{"result":{"b":1.0}}}]}
                """)
            .examples();

    assertThat(examples).extracting(Example::name).containsExactly("adds", "fails", "whole");
    assertThat(examples.get(0).input().text())
        .contains("\"handler\":\"transform\"", "\"attempt\":1")
        .endsWith(
            "\"config\":{\"filter\":\".\"},\"context\":[1],\"deps\":{\"a\":{}},\"prev\":2,"
                + "\"checkpoint\":{\"cursor\":1}}");
    assertThat(examples.get(0).expect()).isEqualTo(new Expectation.Result(Document.of("null")));
    assertThat(examples.get(1).input().text())
        .endsWith("\"config\":{},\"context\":{},\"deps\":{},\"prev\":null,\"checkpoint\":null}");
    assertThat(examples.get(1).expect()).isEqualTo(new Expectation.Failure("t", "m", "c", true));
    assertThat(examples.get(2).input()).isEqualTo(Document.of("{\"a\":1}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"expect\":{\"result\":1}} | /examples/0/name: is missing",
        "{\"name\":\"\",\"expect\":{\"result\":1}} | /examples/0/name: must have 1 to 100"
            + " printable",
        "{\"name\":\"a\"} | /examples/0/expect: is missing",
        "{\"name\":\"a\",\"expect\":{}} | /examples/0/expect: must have exactly one",
        "{\"name\":\"a\",\"expect\":{\"result\":1,\"error\":{\"type\":\"t\"}}} | must have exactly"
            + " one",
        "{\"name\":\"a\",\"expect\":{\"error\":{}}} | /examples/0/expect/error/type: is missing",
        "{\"name\":\"a\",\"expect\":{\"error\":{\"type\":\"t\",\"retryable\":1}}} | must be true or"
            + " false",
        "{\"name\":\"a\",\"input\":{},\"prev\":1,\"expect\":{\"result\":1}} | leave out prev",
        "{\"name\":\"a\",\"input\":[],\"expect\":{\"result\":1}} | /examples/0/input: must be an"
            + " object",
        "{\"name\":\"a\",\"expects\":1,\"expect\":{\"result\":1}} | /examples/0/expects: is"
            + " unknown",
        "1 | /examples/0: must be an object",
      })
  void anInvalidExampleIsRefusedWithItsPointer(String example, String expected) {
    assertThatThrownBy(() -> read("{" + MINIMAL + ",\"examples\":[" + example + "]}"))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void thereIsABoundOnExamplesAndTheirNamesAreUnique() {
    var example = "{\"name\":\"a\",\"expect\":{\"result\":1}}";
    assertThatThrownBy(
            () -> read("{" + MINIMAL + ",\"examples\":[" + example + "," + example + "]}"))
        .hasMessageContaining("/examples/1/name: is the name of another example");
    var many = String.join(",", Collections.nCopies(101, example));
    assertThatThrownBy(() -> read("{" + MINIMAL + ",\"examples\":[" + many + "]}"))
        .hasMessageContaining("/examples: has 101 elements");
  }

  @Test
  void aManifestSaysOfWhichReleaseItIs() {
    assertThat(ManifestReader.identify(Document.of("{" + MINIMAL + "}"), "x")).isEqualTo(ENTRY);
    assertThatThrownBy(() -> ManifestReader.identify(Document.of("{\"name\":\"A\"}"), "x"))
        .isInstanceOf(ModuleSourceException.class)
        .hasMessageContaining("/name: a handler's name has")
        .hasMessageContaining("/version: is missing");
    assertThatThrownBy(() -> ManifestReader.identify(Document.of("[]"), "x"))
        .hasMessageContaining("must be a JSON object");
  }

  private static Manifest read(String text) {
    return ManifestReader.read(Document.of(text), ENTRY, "/modules");
  }
}
