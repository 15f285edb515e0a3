package org.wasmbroker.observed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One query of a panel of the dashboards in deploy/grafana, or of a variable, which is panel 0.
 *
 * @param legend how its series are named, with labels as {@code {{label}}}
 */
record DashboardQuery(
    String dashboard,
    int panel,
    String title,
    String kind,
    String unit,
    String legend,
    String expr) {
  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), \\w+\\)");
  private static final Path DIRECTORY = Path.of("..", "deploy", "grafana");

  static List<DashboardQuery> all() throws IOException {
    var queries = new ArrayList<DashboardQuery>();
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      for (var file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
        var name = file.getFileName().toString().replace(".json", "");
        var dashboard = JsonMapper.shared().readTree(Files.readAllBytes(file));
        for (var panel : dashboard.path("panels")) {
          add(name, panel, queries);
        }
        for (var variable : dashboard.path("templating").path("list")) {
          addVariable(name, variable, queries);
        }
      }
    }
    return List.copyOf(queries);
  }

  private static void add(String dashboard, JsonNode panel, List<DashboardQuery> to) {
    for (var target : panel.path("targets")) {
      to.add(
          new DashboardQuery(
              dashboard,
              panel.path("id").asInt(),
              panel.path("title").asString(),
              panel.path("type").asString(),
              panel.path("fieldConfig").path("defaults").path("unit").asString(""),
              target.path("legendFormat").asString(""),
              target.path("expr").asString()));
    }
  }

  /** The values of a variable are those of a label of some series, for which is asked. */
  private static void addVariable(String dashboard, JsonNode variable, List<DashboardQuery> to) {
    if (variable.path("type").asString().equals("query")) {
      var query = LABEL_VALUES.matcher(variable.path("query").path("query").asString());
      if (!query.matches()) {
        throw new AssertionError("%s: the query of %s".formatted(dashboard, variable));
      }
      var name = variable.path("name").asString();
      to.add(new DashboardQuery(dashboard, 0, name, "variable", "", "", query.group(1)));
    }
  }

  /** The query as Grafana sends it, with every variable at "All" and this interval for rates. */
  String filledIn(String interval) {
    return expr.replace("$__rate_interval", interval)
        .replaceAll("\\$(namespace|job|instance|handler)\\b", ".*");
  }

  @Override
  public String toString() {
    return "%s, panel %d '%s': %s".formatted(dashboard, panel, title, expr);
  }
}
