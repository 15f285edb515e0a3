package org.wasmbroker.observed;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The series that a query selects: its metrics, each with its matchers. */
final class Selectors {
  private static final Pattern GROUPING =
      Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
  private static final Pattern SELECTOR =
      Pattern.compile("(?<![\\w:\".])([a-zA-Z_:][\\w:]*)(?![\\w:]|\\s*\\()(\\{[^}]*})?");
  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "group_left", "group_right", "bool", "offset");

  private Selectors() {}

  static List<String> of(String expr) {
    var withoutGrouping = GROUPING.matcher(expr).replaceAll(" ");
    return SELECTOR
        .matcher(withoutGrouping.replaceAll("\\[[^]]*]", " "))
        .results()
        .filter(selector -> !WORDS.contains(selector.group(1)))
        .map(selector -> selector.group())
        .distinct()
        .toList();
  }
}
