package org.wasmbroker.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rounds of one part, as a table. */
final class Results {
  private final Part part;
  private final List<Map<String, Double>> today = new ArrayList<>();
  private final List<Map<String, Double>> then = new ArrayList<>();

  Results(Part part) {
    this.part = part;
  }

  /** Adds a round of both builds. */
  void add(Samples ofToday, Samples ofThen) {
    today.add(ofToday.values());
    then.add(ofThen.values());
  }

  int rounds() {
    return today.size();
  }

  /**
   * One line of the table.
   *
   * @param ratio today's value to that of then: the median of the rounds' own ratios
   * @param lowest the smallest ratio of a round, or value if there is no ratio
   */
  private record Row(
      Figure figure,
      double today,
      @Nullable Double then,
      @Nullable Double ratio,
      double lowest,
      double highest) {
    String reached() {
      var wanted = figure.wanted();
      if (wanted == null || (wanted.ofRatio() && ratio == null)) {
        return ""; // of a ratio, nothing is known without a baseline
      }
      return wanted.isReached(today, ratio == null ? Double.NaN : ratio) ? "yes" : "no";
    }

    String wanted() {
      var wanted = figure.wanted();
      return wanted == null ? "" : wanted.toString();
    }

    String spread() {
      return number(lowest) + "–" + number(highest);
    }
  }

  private List<Row> rows() {
    var rows = new ArrayList<Row>();
    for (var figure : part.figures()) {
      var values = new ArrayList<Double>();
      var others = new ArrayList<Double>();
      var ratios = new ArrayList<Double>();
      for (int i = 0; i < today.size(); i++) {
        var value = today.get(i).get(figure.name());
        var other = then.get(i).get(figure.name());
        if (value != null) {
          values.add(value);
        }
        if (other != null) {
          others.add(other);
        }
        if (value != null && other != null && other != 0) {
          ratios.add(value / other);
        }
      }
      if (values.isEmpty()) {
        continue;
      }
      var spread = ratios.isEmpty() ? values : ratios;
      rows.add(
          new Row(
              figure,
              Medians.of(values),
              others.isEmpty() ? null : Medians.of(others),
              ratios.isEmpty() ? null : Medians.of(ratios),
              spread.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
              spread.stream().mapToDouble(Double::doubleValue).max().orElseThrow()));
    }
    return rows;
  }

  /** For a terminal. */
  String text() {
    var text = new StringBuilder();
    line(text, part.name(), "today", "then", "ratio", "spread", "wanted", "reached", "");
    for (var row : rows()) {
      line(
          text,
          row.figure().name(),
          number(row.today()),
          number(row.then()),
          number(row.ratio()),
          row.spread(),
          row.wanted(),
          row.reached(),
          row.figure().unit());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String... cells) {
    text.append(String.format(Locale.ROOT, "%-26s", name));
    var widths = List.of(9, 9, 7, 13, 16, 8);
    for (int i = 0; i < widths.size(); i++) {
      text.append(String.format(Locale.ROOT, " %" + widths.get(i) + "s", cells[i]));
    }
    text.append("  ").append(cells[cells.length - 1]).append('\n');
  }

  /** For a document. */
  String markdown() {
    var text =
        new StringBuilder(
            """
            | figure | what | today | then | ratio | spread | wanted | reached |
            |---|---|--:|--:|--:|--:|---|---|
            """);
    for (var row : rows()) {
      text.append(
          "| `%s` | %s | %s %s | %s | %s | %s | %s | %s |%n"
              .formatted(
                  row.figure().name(),
                  row.figure().meaning(),
                  number(row.today()),
                  row.figure().unit(),
                  number(row.then()),
                  number(row.ratio()),
                  row.spread(),
                  row.wanted(),
                  row.reached()));
    }
    return text.toString();
  }

  /** The medians of today by name, for parts that are shown elsewhere as well. */
  Map<String, Double> today() {
    var medians = new TreeMap<String, Double>();
    rows().forEach(row -> medians.put(row.figure().name(), row.today()));
    return medians;
  }

  /** Three digits that mean something. */
  private static String number(@Nullable Double value) {
    if (value == null) {
      return "–";
    }
    double size = Math.abs(Objects.requireNonNull(value));
    var form = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, form, value);
  }
}
