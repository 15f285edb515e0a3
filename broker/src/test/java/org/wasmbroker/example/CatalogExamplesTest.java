package org.wasmbroker.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.protocol.tasker.template.ResultRules;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the catalog shows of its handlers is what they do: the examples of their manifests, and in
 * docs/catalog.md the worked examples with the step message and the task template that have the
 * same configuration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CatalogExamplesTest {
  private static final Path CATALOG = Path.of("..", "handlers-wasm", "catalog");
  private static final Path DOCUMENT = Path.of("..", "docs", "catalog.md");
  private static final JsonMapper JSON = new JsonMapper();

  private Engine engine;

  @BeforeAll
  void start() {
    engine = Engines.start(EngineName.WASMTIME, EngineConfigs.cached(1));
  }

  @AfterAll
  void close() {
    engine.close();
  }

  @TestFactory
  Stream<DynamicTest> theExamplesOfEveryManifestMatch() throws IOException {
    return handlers().stream()
        .map(handler -> DynamicTest.dynamicTest(handler, () -> examples(handler)));
  }

  @TestFactory
  Stream<DynamicTest> theWorkedExampleOfEveryHandlerMatches() throws IOException {
    return handlers().stream()
        .map(handler -> DynamicTest.dynamicTest(handler, () -> worked(handler)));
  }

  @TestFactory
  Stream<DynamicTest> everyKeyAndEveryErrorIsInTheDocument() throws IOException {
    return handlers().stream()
        .map(
            handler ->
                DynamicTest.dynamicTest(
                    handler,
                    () -> {
                      var section = section(handler);
                      var manifest = manifestJson(handler);
                      assertThat(manifest.at("/config_schema/properties").propertyNames())
                          .allSatisfy(key -> assertThat(section).contains("| `" + key + "` |"));
                      assertThat(manifest.path("errors"))
                          .allSatisfy(
                              error ->
                                  assertThat(section)
                                      .contains("`" + error.path("type").asString() + "`"));
                    }));
  }

  @Test
  void theHandlersAreInTheOrderOfTheAlphabet() throws IOException {
    var sections =
        Pattern.compile("(?m)^## (\\w+)$")
            .matcher(Files.readString(DOCUMENT))
            .results()
            .map(heading -> heading.group(1))
            .toList();

    assertThat(sections).containsExactlyElementsOf(handlers());
  }

  private void examples(String handler) throws IOException {
    var manifest = manifest(handler, manifestJson(handler));

    assertThat(manifest.examples()).hasSizeGreaterThanOrEqualTo(5);
    for (var example : manifest.examples()) {
      assertThat(run(handler, manifest, example).differences()).as(example.name()).isEmpty();
    }
  }

  private void worked(String handler) throws IOException {
    var section = section(handler);
    var example = (ObjectNode) JSON.readTree(block(section, "json example"));
    var manifestJson = manifestJson(handler);
    manifestJson.putArray("examples").add(example);
    var manifest = manifest(handler, manifestJson);
    var outcome = run(handler, manifest, manifest.examples().getFirst());
    assertThat(outcome.differences()).isEmpty();

    var message =
        JSON.readTree(
            block(section, "sql")
                .replaceAll("(?s)^select pgmq.send\\('\\w+',\\s*'|'\\);\\s*$", ""));
    var schema =
        JsonSchema.of(
            Document.of(Files.readString(Path.of("..", "docs", "step-message.schema.json"))));
    assertThat(schema.validate(Document.of(message.toString()))).isEmpty();
    assertThat(message.path("handler").asString()).isEqualTo(handler);
    assertThat(message.path("config")).isEqualTo(example.path("config"));
    assertThat(message.path("input").toString())
        .as("the message has the example's data")
        .isEqualTo(example.path("context").toString());

    var template = TemplateReader.readFile(handler, block(section, "yaml").getBytes(UTF_8));
    var step = template.steps().stream().filter(one -> one.callable().equals(handler)).findFirst();
    assertThat(step).isPresent();
    assertThat(JSON.readTree(step.orElseThrow().initialization().bytes()))
        .isEqualTo(example.path("config"));
    if (outcome.outcome() instanceof Outcome.Completed completed) {
      assertThat(new ResultRules(template, step.orElseThrow()).problem(completed.result(), 100))
          .isNull();
    }
  }

  private ExampleOutcome run(String handler, Manifest manifest, Example example) {
    var runner =
        new ExampleRunner(
            DispatchConfig.DEFAULTS.retryPolicy(),
            EngineConfigs.cached(1).threadStackBytes(),
            StepAccessFactory.BASIC);
    try (var module = engine.compile(PrebuiltHandlers.module(handler), Limits.DEFAULTS)) {
      var id = new ModuleId(handler, "1.0.0", module.digest());
      var grants = ExampleGrants.of(manifest, Limits.DEFAULTS);
      return runner.run(
          example,
          HandlerRef.parse(handler),
          new Resolved(id, module, grants, manifest.outputSchema()));
    }
  }

  private static List<String> handlers() throws IOException {
    try (var folders = Files.list(CATALOG)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("manifest.json")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static ObjectNode manifestJson(String handler) throws IOException {
    return (ObjectNode)
        JSON.readTree(Files.readAllBytes(CATALOG.resolve(handler).resolve("manifest.json")));
  }

  private static Manifest manifest(String handler, JsonNode json) {
    var document = Document.of(json.toString());
    return ManifestReader.read(document, ManifestReader.identify(document, handler), handler);
  }

  /** The part of the document that is about a handler. */
  private static String section(String handler) throws IOException {
    return only("(?ms)^## " + handler + "\n(.*?)(?=^## |\\z)", Files.readString(DOCUMENT));
  }

  private static String block(String section, String language) {
    return only("(?ms)^```" + language + "\n(.*?)^```", section);
  }

  private static String only(String pattern, String text) {
    var found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern).isTrue();
    return Objects.requireNonNull(found.group(1));
  }
}
