package org.wasmbroker.observed;

import java.io.IOException;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * What the panels of the dashboards show of a run, as JSON: for each panel its series by their
 * legends. scripts/dashboards/pictures draws them.
 */
final class RunRecord {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");
  private static final String INTERVAL = "10s";

  private RunRecord() {}

  static String of(PrometheusServer prometheus, Instant from, Instant to)
      throws IOException, InterruptedException {
    var record = JSON.createObjectNode();
    record.put("from", from.getEpochSecond());
    record.put("to", to.getEpochSecond());
    var queries = record.putArray("queries");
    for (var query : DashboardQuery.all()) {
      if (query.kind().equals("timeseries")) {
        var entry = queries.addObject();
        entry.put("dashboard", query.dashboard());
        entry.put("panel", query.panel());
        entry.put("title", query.title());
        entry.put("unit", query.unit());
        add(prometheus.range(query.filledIn(INTERVAL), from, to), query, entry.putArray("series"));
      }
    }
    return JSON.writeValueAsString(record);
  }

  private static void add(JsonNode found, DashboardQuery query, ArrayNode to) {
    for (var series : found) {
      var entry = to.addObject();
      entry.put("legend", legend(query.legend(), series.path("metric")));
      entry.set("values", series.path("values"));
    }
  }

  private static String legend(String text, JsonNode labels) {
    return LABEL
        .matcher(text)
        .replaceAll(label -> Matcher.quoteReplacement(labels.path(label.group(1)).asString("")));
  }
}
