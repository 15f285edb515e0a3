package org.wasmbroker.cli;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Prints a document of plain values: as one line of JSON, or a row for each member. */
final class DocumentPrinter {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Console console;

  DocumentPrinter(Console console) {
    this.console = console;
  }

  void json(Object document) {
    console.line(JsonText.printable(JSON.writeValueAsString(document)));
  }

  /** Leaves out what is null or empty. */
  void rows(Map<String, ? extends @Nullable Object> document) {
    int widest = document.keySet().stream().mapToInt(String::length).max().orElse(0);
    document.forEach(
        (name, value) -> {
          var text = text(value);
          if (!text.isEmpty()) {
            console.line(
                console.dim(("%-" + (widest + 2) + "s").formatted(name.replace('_', ' '))) + text);
          }
        });
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Collection<?> values ->
          values.stream()
              .map(DocumentPrinter::text)
              .filter(text -> !text.isEmpty())
              .collect(Collectors.joining(", "));
      case Map<?, ?> members ->
          members.entrySet().stream()
              .filter(member -> member.getValue() != null)
              .map(member -> member.getKey() + ": " + text(member.getValue()))
              .collect(Collectors.joining("; "));
      default -> Objects.toString(value);
    };
  }
}
