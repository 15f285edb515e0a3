package org.wasmbroker.mcp;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The tool that searches the tools, for catalogs that are too large to read. */
final class ToolSearch {
  static final String NAME = "search_handlers";

  private static final int DEFAULT_LIMIT = 10;
  private static final int MAX_LIMIT = 50;
  private static final int NAME_SCORE = 5;

  private static final String DEFINITION =
      """
      {"name":"search_handlers","title":"Search handlers",
       "description":"Finds tools of this server by words of their names and descriptions. Use it before you read the whole list.",
       "inputSchema":{"type":"object","required":["query"],"additionalProperties":false,"properties":{
         "query":{"type":"string","minLength":1,"maxLength":1000,"description":"Words that say what is to be done."},
         "limit":{"type":"integer","minimum":1,"maximum":50,"default":10,"description":"How many tools at most."}}},
       "outputSchema":{"type":"object","required":["tools"],"properties":{"tools":{"type":"array","items":{
         "type":"object","required":["name","description"],"properties":{
           "name":{"type":"string"},"description":{"type":"string"}}}}}},
       "annotations":{"readOnlyHint":true,"openWorldHint":false}}
      """;

  private ToolSearch() {}

  static ObjectNode definition() {
    return (ObjectNode) JsonRpc.tree(DEFINITION);
  }

  /**
   * The tools that fit best, the best first; problems with the arguments are told in the result.
   */
  static ObjectNode search(NavigableMap<String, ToolCatalog.Tool> tools, JsonNode arguments) {
    var query = arguments.path("query");
    if (!query.isString() || query.stringValue().isBlank()) {
      return ToolResults.problem("query must be a string with at least one word");
    }
    var limit =
        arguments.has("limit") ? arguments.get("limit") : JsonRpc.NODES.numberNode(DEFAULT_LIMIT);
    if (!limit.isInt() || limit.intValue() < 1 || limit.intValue() > MAX_LIMIT) {
      return ToolResults.problem("limit must be an integer from 1 to " + MAX_LIMIT);
    }
    var words =
        Arrays.stream(query.stringValue().toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+", -1))
            .filter(word -> !word.isEmpty())
            .toList();
    var found = JsonRpc.NODES.objectNode();
    var list = found.putArray("tools");
    tools.values().stream()
        .map(tool -> Map.entry(tool, score(tool.definition(), words)))
        .filter(scored -> scored.getValue() > 0)
        .sorted(
            Comparator.comparing(
                Map.Entry<ToolCatalog.Tool, Integer>::getValue, Comparator.reverseOrder()))
        .limit(limit.intValue())
        .forEach(
            scored -> {
              var definition = scored.getKey().definition();
              list.addObject()
                  .put("name", definition.path("name").asString(""))
                  .put("description", definition.path("description").asString(""));
            });
    return ToolResults.structured(found);
  }

  private static int score(ObjectNode tool, List<String> words) {
    var name = tool.path("name").asString("").toLowerCase(Locale.ROOT);
    var description = tool.path("description").asString("").toLowerCase(Locale.ROOT);
    int score = 0;
    for (var word : words) {
      score += name.contains(word) ? NAME_SCORE : 0;
      score += description.contains(word) ? 1 : 0;
    }
    return score;
  }
}
