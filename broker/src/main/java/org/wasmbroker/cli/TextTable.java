package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns that are as wide as they need to be. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... header) {
    this.header = List.of(header);
  }

  /** Adds a row with as many cells as the table has columns. */
  void row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "a row needs %d cells, had %d".formatted(header.size(), cells.length));
    }
    rows.add(List.of(cells));
  }

  void print(Console console) {
    var widths = new int[header.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = width(header.get(column));
      for (var row : rows) {
        widths[column] = Math.max(widths[column], width(row.get(column)));
      }
    }
    console.line(console.bold(line(header, widths)));
    rows.forEach(row -> console.line(line(row, widths)));
  }

  private static String line(List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      var cell = cells.get(column);
      line.append(column == 0 ? "" : GAP).append(cell);
      line.repeat(' ', widths[column] - width(cell));
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
