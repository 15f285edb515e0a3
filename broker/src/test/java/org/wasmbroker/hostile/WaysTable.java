package org.wasmbroker.hostile;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * The table of docs/security.md that says how each hostile guest ends by each way in. It is made of
 * the cases that the tests run: {@code HostileGuestContract} those of the dispatcher, {@code
 * HostileWaysInIT} those of queue, invoke, MCP, session and component, and {@code PageHostileTest}
 * those of the page.
 */
final class WaysTable {
  private static final String NO_NAMES =
      "needs a server of the test, which only the resolver of `HostileGuestContract` finds";

  /** A case by one way in: how it ends, or why that way does not meet it. */
  private record Cell(@Nullable String end, @Nullable String reason) {
    static Cell of(@Nullable HostileCase found, @Nullable String reason) {
      return found == null ? new Cell(null, reason) : new Cell(found.expectedEnd(), null);
    }
  }

  private final Map<String, Character> letters = new LinkedHashMap<>();

  private WaysTable() {}

  /** The table, and what the letters in it mean. */
  static String text(HostileServers peers) {
    return new WaysTable().table(peers);
  }

  private String table(HostileServers peers) {
    var commands = byName(HostileCommands.all(peers));
    var components = byName(HostileComponents.all(peers));
    var pages = byName(HostilePages.all());
    var rows = new StringBuilder();
    HostileCases.all()
        .forEach(
            hostile -> {
              boolean alone = hostile.input().of(peers).equals(Document.of("{}"));
              var asked = Cell.of(alone ? hostile : null, NO_NAMES);
              var session =
                  Cell.of(
                      commands.get(hostile.guest() + HostileCommands.SUFFIX),
                      alone ? HostileCommands.reason(hostile) : NO_NAMES);
              var component =
                  Cell.of(
                      components.get(hostile.guest() + HostileComponents.SUFFIX),
                      alone ? HostileComponents.reason(hostile) : NO_NAMES);
              var page = Cell.of(pages.get(hostile.name()), HostilePages.reason(hostile));
              rows.append(
                      "| `%s` | `%s` | same | ".formatted(hostile.name(), hostile.expectedEnd()))
                  .append(
                      Stream.of(asked, asked, asked, session, component, page)
                          .map(cell -> shown(cell, hostile.expectedEnd()))
                          .collect(Collectors.joining(" | ")))
                  .append(" |\n");
            });
    return """

    | guest | expected end | dispatcher | queue | invoke | MCP | session | component | page |
    |---|---|---|---|---|---|---|---|---|
    %s
    %s
    """
        .formatted(
            rows,
            letters.entrySet().stream()
                .map(entry -> "- %s: %s".formatted(entry.getValue(), entry.getKey()))
                .collect(Collectors.joining("\n")));
  }

  private String shown(Cell cell, String expected) {
    if (cell.end() == null) {
      return String.valueOf(
          letters.computeIfAbsent(
              String.valueOf(cell.reason()), _ -> (char) ('a' + letters.size())));
    }
    return cell.end().equals(expected) ? "same" : "`" + cell.end() + "`";
  }

  private static Map<String, HostileCase> byName(Stream<HostileCase> cases) {
    return cases.collect(Collectors.toMap(HostileCase::name, each -> each));
  }
}
