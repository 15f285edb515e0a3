package org.wasmbroker.plan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.plan.catalog.StrictSchema.Dialect;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

class ToolFormatTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What a configuration may have, in many forms. */
  private static final String MANY_FORMS =
      """
      "description":"Has many forms.",
      "config_schema":{"type":"object","required":["kind","nested"],"minProperties":1,
        "allOf":[{"required":["kind"]}],
        "properties":{
          "kind":{"enum":["a","b"]},
          "free":{"type":"object"},
          "anything":{},
          "map":{"type":"object","additionalProperties":{"type":"string"}},
          "count":{"type":"integer","minimum":1,"default":3},
          "either":{"oneOf":[{"type":"string","minLength":2},{"type":"array","items":{"type":"number"},"minItems":2}]},
          "text":{"type":"string","pattern":"^(?!x)","format":"uri"},
          "tuple":{"type":"array","prefixItems":[{"type":"string"}]},
          "mixed":{"type":["string","object"],"properties":{"a":{"type":"string"}}},
          "tree":{"$ref":"#/$defs/tree"},
          "nested":{"type":"object","required":["x"],"properties":{"x":{"const":1},"y":{"type":"boolean","x-means":"filter"}}}
        },
        "$defs":{"tree":{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}}}}}
      """;

  static List<HandlerEntry> entries() {
    var entries = new ArrayList<>(Entries.bundled());
    entries.add(Entries.of(Entries.manifest("many-forms", MANY_FORMS)));
    entries.add(Entries.of(Entries.manifest("no-schema", "")));
    entries.add(Entries.of(Entries.manifest("any-value", "\"config_schema\":true")));
    entries.add(
        Entries.of(
            Entries.manifest("variants", "\"config_schema\":{\"anyOf\":[{\"type\":\"string\"}]}")));
    return entries;
  }

  @ParameterizedTest
  @MethodSource("entries")
  void eachHandlerIsAToolOfOpenAi(HandlerEntry entry) {
    assertThat(ToolRules.openai(ToolFormat.openai(List.of(entry)).document())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void eachHandlerIsAToolOfAnthropic(HandlerEntry entry) {
    var tools = ToolFormat.anthropic(List.of(entry));

    assertThat(ToolRules.anthropic(tools.document())).isEmpty();
    assertThat(tools.document().get(0).path("strict").asBoolean(false)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void eachHandlerIsAToolOfTheModelContextProtocol(HandlerEntry entry) {
    assertThat(ToolRules.mcp(ToolFormat.mcp(List.of(entry)).document())).isEmpty();
  }

  @Test
  void allHandlersTogetherAreValidInEachFormat() {
    assertThat(ToolRules.openai(ToolFormat.openai(entries()).document())).isEmpty();
    assertThat(ToolRules.anthropic(ToolFormat.anthropic(entries()).document())).isEmpty();
    assertThat(ToolRules.mcp(ToolFormat.mcp(entries()).document())).isEmpty();
  }

  @Test
  void toolsBeyondWhatARequestMayHaveAreNotStrictAndNamed() {
    var many =
        IntStream.range(0, 4)
            .mapToObj(i -> Entries.of(Entries.manifest("tool" + i, MANY_FORMS)))
            .toList();

    var tools = ToolFormat.anthropic(many);

    assertThat(ToolRules.anthropic(tools.document())).isEmpty();
    assertThat(tools.document().get(0).has("strict")).isTrue();
    assertThat(tools.document().get(3).has("strict")).isFalse();
    assertThat(tools.notes()).anyMatch(note -> note.startsWith("tool3 is not strict"));
  }

  /** So that a model can write in the form of a tool whatever the handler accepts. */
  @ParameterizedTest
  @MethodSource("entries")
  void whatAHandlerIsConfiguredWithInItsExamplesCanBeWrittenAsArguments(HandlerEntry entry) {
    for (var dialect : Dialect.values()) {
      var strict = StrictSchema.of(Schemas.tree(entry.manifest().configSchema()), dialect);
      var schema = JsonSchema.of(strict.schema());
      for (var example : entry.manifest().examples()) {
        if (example.expect() instanceof Expectation.Result) {
          var config = JSON.readTree(example.input().bytes()).path("config");
          var arguments = arguments(config, strict.schema(), dialect);

          assertThat(schema.violations(Document.of(arguments.toString())))
              .as(example.name())
              .isEmpty();
        }
      }
    }
  }

  /** The rule of docs/planning.md, backwards. */
  private static JsonNode arguments(JsonNode value, JsonNode root, Dialect dialect) {
    return arguments(value, root, root, dialect);
  }

  private static JsonNode arguments(
      JsonNode value, JsonNode reference, JsonNode root, Dialect dialect) {
    var schema = resolved(reference, root);
    if (schema.path("description").asString("").startsWith("The JSON text of")) {
      return JsonNodeFactory.instance.stringNode(value.toString());
    }
    for (var alternative : schema.path("anyOf")) {
      if (fits(value, resolved(alternative, root))) {
        return arguments(value, alternative, root, dialect);
      }
    }
    if (value.isArray() && schema.path("items").isObject()) {
      var elements = JsonNodeFactory.instance.arrayNode();
      value.forEach(
          element -> elements.add(arguments(element, schema.get("items"), root, dialect)));
      return elements;
    }
    if (!value.isObject() || !schema.path("properties").isObject()) {
      return value;
    }
    var members = JsonNodeFactory.instance.objectNode();
    for (var property : schema.get("properties").properties()) {
      var name = property.getKey();
      if (value.has(name)) {
        members.set(name, arguments(value.get(name), property.getValue(), root, dialect));
      } else if (dialect == Dialect.OPENAI) {
        members.putNull(name);
      }
    }
    return members;
  }

  private static JsonNode resolved(JsonNode schema, JsonNode root) {
    var reference = schema.path("$ref").asString("");
    return reference.startsWith("#/") ? root.at(reference.substring(1)) : schema;
  }

  private static boolean fits(JsonNode value, JsonNode schema) {
    var types = schema.path("type").toString();
    return (value.isObject() && types.contains("\"object\""))
        || (value.isArray() && types.contains("\"array\""));
  }

  @Test
  void whatCannotBeExpressedIsToldInTheDescriptions() {
    var entry = Entries.of(Entries.manifest("many-forms", MANY_FORMS));
    var tool = ToolFormat.anthropic(List.of(entry)).document().get(0);
    var properties = tool.at("/input_schema/properties");

    assertThat(tool.path("description").stringValue())
        .contains("Not in the schema: ", "minProperties 1", "allOf [{\"required\":[\"kind\"]}]");
    assertThat(description(properties, "count")).contains("minimum 1", "Default: 3.", "Optional.");
    assertThat(description(properties, "free"))
        .startsWith("The JSON text of a value of type object");
    assertThat(description(properties, "anything")).startsWith("The JSON text of any value");
    assertThat(description(properties, "map")).startsWith("The JSON text of");
    assertThat(description(properties, "tuple")).startsWith("The JSON text of");
    assertThat(description(properties, "text")).contains("pattern \"^(?!x)\"");
    assertThat(properties.at("/either/anyOf/0/description").stringValue()).contains("minLength 2");
    assertThat(properties.at("/either/anyOf/1/description").stringValue()).contains("minItems 2");
    assertThat(properties.at("/tree/properties/children/description").stringValue())
        .startsWith("The JSON text of");
  }

  private static String description(JsonNode properties, String name) {
    return properties.path(name).path("description").stringValue();
  }

  @Test
  void optionalPropertiesAreNullableForOpenAi() {
    var entry = Entries.of(Entries.manifest("many-forms", MANY_FORMS));
    var parameters = ToolFormat.openai(List.of(entry)).document().at("/0/function/parameters");

    assertThat(parameters.at("/properties/count/type").toString())
        .isEqualTo("[\"integer\",\"null\"]");
    assertThat(parameters.at("/properties/count/minimum").intValue()).isEqualTo(1);
    assertThat(parameters.at("/properties/kind/type").stringValue()).isEqualTo("string");
    assertThat(parameters.at("/required").size()).isEqualTo(parameters.at("/properties").size());
  }

  @Test
  void theResultOfAToolIsDescribedWhereItIsAnObject() {
    var object = "\"output_schema\":{\"type\":\"object\",\"properties\":{\"a\":{}}}";
    var array = "\"output_schema\":{\"type\":\"array\"}";
    var tools =
        ToolFormat.mcp(
            List.of(
                Entries.of(Entries.manifest("one", object)),
                Entries.of(Entries.manifest("two", array))));

    assertThat(tools.document().at("/tools/0/outputSchema/type").stringValue()).isEqualTo("object");
    assertThat(tools.document().at("/tools/1").has("outputSchema")).isFalse();
    assertThat(tools.notes())
        .containsExactly("two has no outputSchema: its result need not be an object");
  }

  /** The rules find what they are for. */
  @Test
  void theRulesRefuseTheSchemaOfTheManifest() {
    var schema = Schemas.tree(Entries.manifest("many-forms", MANY_FORMS).configSchema());
    var function = JsonNodeFactory.instance.objectNode();
    function.put("name", "many forms").put("description", "").put("strict", false);
    function.set("parameters", schema);
    var tools = JsonNodeFactory.instance.arrayNode();
    tools.addObject().put("type", "function").set("function", function);
    var tool = JsonNodeFactory.instance.objectNode().put("name", "x").put("description", "y");
    tool.set("input_schema", schema);

    assertThat(ToolRules.openai(tools))
        .contains(
            "'many forms' is no name of a tool",
            "\"many forms\" is not strict",
            ": openai does not support allOf",
            ": additionalProperties is false",
            "/anything: every schema has a type",
            "/text: the pattern looks around",
            "/tuple/items: a schema is an object");
    assertThat(ToolRules.anthropic(JsonNodeFactory.instance.arrayNode().add(tool)))
        .contains("/count: anthropic does not support minimum");
  }
}
