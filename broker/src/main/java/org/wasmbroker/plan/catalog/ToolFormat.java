package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.GrantsDescription;
import org.wasmbroker.plan.catalog.StrictSchema.Dialect;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The handlers as tools of APIs that models are called by. A call of a tool is a step: its name is
 * the handler, its arguments are the configuration.
 */
public final class ToolFormat {
  /** The longest description that all of them accept. */
  static final int MAX_DESCRIPTION = 1024;

  /** What a request to Anthropic's API may have in its strict tools together. */
  static final int MAX_STRICT_TOOLS = 20;

  static final int MAX_OPTIONALS = 24;
  static final int MAX_UNIONS = 16;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Tools and what should be known about them. */
  public record Tools(JsonNode document, List<String> notes) {
    public Tools {
      notes = List.copyOf(notes);
    }
  }

  private ToolFormat() {}

  /** The array {@code tools} of a request to the chat completions of OpenAI, all strict. */
  public static Tools openai(List<HandlerEntry> entries) {
    var tools = NODES.arrayNode();
    for (var entry : entries) {
      var strict = StrictSchema.of(Schemas.tree(entry.manifest().configSchema()), Dialect.OPENAI);
      var function = tools.addObject().put("type", "function").putObject("function");
      function.put("name", entry.name());
      function.put("description", description(entry, strict.lost()));
      function.set("parameters", strict.schema());
      function.put("strict", true);
    }
    return new Tools(tools, List.of());
  }

  /**
   * The array {@code tools} of a request to the messages of Anthropic. As many are strict as a
   * request may have; the notes name the others.
   */
  public static Tools anthropic(List<HandlerEntry> entries) {
    var tools = NODES.arrayNode();
    var notes = new ArrayList<String>();
    int optionals = 0;
    int unions = 0;
    int stricts = 0;
    for (var entry : entries) {
      var strict =
          StrictSchema.of(Schemas.tree(entry.manifest().configSchema()), Dialect.ANTHROPIC);
      var tool = tools.addObject();
      tool.put("name", entry.name());
      tool.put("description", description(entry, strict.lost()));
      tool.set("input_schema", strict.schema());
      if (optionals + strict.optionals() <= MAX_OPTIONALS
          && unions + strict.unions() <= MAX_UNIONS
          && stricts < MAX_STRICT_TOOLS) {
        optionals += strict.optionals();
        unions += strict.unions();
        stricts++;
        tool.put("strict", true);
      } else {
        notes.add(
            ("%s is not strict: a request may have %d strict tools with %d optional and %d parts of"
                    + " several types together; name fewer handlers to make it so")
                .formatted(entry.name(), MAX_STRICT_TOOLS, MAX_OPTIONALS, MAX_UNIONS));
      }
    }
    return new Tools(tools, notes);
  }

  /**
   * The result of {@code tools/list} of the Model Context Protocol, with the schemas as they are. A
   * tool also takes {@code context}, the data of the step, unless the configuration has a member of
   * this name.
   */
  public static Tools mcp(List<HandlerEntry> entries) {
    var document = NODES.objectNode();
    var notes = new ArrayList<String>();
    var tools = document.putArray("tools");
    for (var entry : entries) {
      tools.add(mcp(entry, notes));
    }
    return new Tools(document, notes);
  }

  private static ObjectNode mcp(HandlerEntry entry, List<String> notes) {
    var tool = NODES.objectNode().put("name", entry.name());
    tool.put("title", title(entry.name()));
    tool.put("description", description(entry, List.of()));
    tool.set("inputSchema", withData(ofObjects(configuration(entry))));
    var output =
        Schemas.withoutMeanings(Schemas.tree(CatalogDocument.outputSchema(entry.manifest())));
    if (output.path("type").asString("").equals("object")) {
      tool.set("outputSchema", output);
    } else if (output.isObject()) {
      notes.add(entry.name() + " has no outputSchema: its result need not be an object");
    }
    var http = GrantsDescription.effective(Capabilities.STANDARD, entry.grants());
    boolean reaches = http.get("destinations") instanceof List<?> list && !list.isEmpty();
    tool.putObject("annotations").put("readOnlyHint", !reaches).put("openWorldHint", reaches);
    return tool;
  }

  /** The schema of the handler's configuration; missing if there is none. */
  public static JsonNode configuration(HandlerEntry entry) {
    return Schemas.tree(entry.manifest().configSchema());
  }

  /** The name in words. */
  private static String title(String name) {
    var words = name.replace('_', ' ').replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static ObjectNode withData(ObjectNode schema) {
    var copy = schema.deepCopy();
    var properties = copy.withObjectProperty("properties");
    if (!properties.has("context")) {
      properties
          .putObject("context")
          .put(
              "description",
              "The data to work on, any JSON value: what the configuration calls context.");
    }
    return copy;
  }

  /** The schema of the arguments of a tool, which have to be an object. */
  private static ObjectNode ofObjects(JsonNode schema) {
    var plain = Schemas.withoutMeanings(schema);
    if (plain instanceof ObjectNode object) {
      return object.path("type").asString("").equals("object")
          ? object
          : NODES.objectNode().put("type", "object").setAll(object);
    }
    return NODES.objectNode().put("type", "object");
  }

  /**
   * What it is, when to use it and when not, what it may reach; errors if there is room for them.
   */
  static String description(HandlerEntry entry, List<String> lost) {
    var manifest = entry.manifest();
    var text = new StringBuilder();
    append(
        text,
        manifest.description() == null
            ? "The handler " + entry.name() + "."
            : manifest.description());
    append(text, sentence("Not in the schema: ", lost));
    append(text, sentence("Use it when: ", manifest.guidance().useWhen()));
    append(text, sentence("Not when: ", manifest.guidance().avoidWhen()));
    append(text, reach(entry));
    append(text, sentence("Errors: ", errors(entry)));
    return text.toString();
  }

  private static void append(StringBuilder text, String sentence) {
    int room = MAX_DESCRIPTION - text.length() - 1;
    if (sentence.isEmpty() || room < 20) {
      return;
    }
    text.append(text.isEmpty() ? "" : " ");
    text.append(sentence.length() <= room - 1 ? sentence : SafeText.sanitize(sentence, room - 2));
  }

  private static String sentence(String begin, List<String> parts) {
    return parts.isEmpty()
        ? ""
        : parts.stream()
            .map(part -> part.endsWith(".") ? part.substring(0, part.length() - 1) : part)
            .collect(Collectors.joining("; ", begin, "."));
  }

  private static String reach(HandlerEntry entry) {
    var effective = GrantsDescription.effective(Capabilities.STANDARD, entry.grants());
    var requested = entry.manifest().capabilities();
    var reach = new ArrayList<String>();
    if (requested.functions().contains("http_request")) {
      var destinations = (List<?>) effective.getOrDefault("destinations", List.of());
      reach.add(
          destinations.isEmpty()
              ? "no destination under the policy in force"
              : destinations.stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
    return sentence("May reach: ", reach);
  }

  private static List<String> errors(HandlerEntry entry) {
    var errors = CatalogDocument.handler(entry, List.of()).path("errors");
    return errors instanceof ArrayNode all
        ? all.valueStream()
            .map(
                error ->
                    error.path("type").asString("")
                        + (error.path("retryable").asBoolean(false) ? " (retryable)" : ""))
            .toList()
        : List.of();
  }
}
