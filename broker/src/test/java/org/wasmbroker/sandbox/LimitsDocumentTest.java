package org.wasmbroker.sandbox;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.GeneratedSection;

/** Holds docs/limits.md to the table of limits. */
class LimitsDocumentTest {
  @Test
  void theDocumentListsEveryLimit() throws IOException {
    GeneratedSection.check(
        "limits.md",
        Arrays.stream(LimitKind.values())
            .map(LimitsDocumentTest::row)
            .collect(
                Collectors.joining(
                    "",
                    """

                    | limit | setting | default | at least | at most | what it bounds | what follows |
                    |---|---|---|---|---|---|---|
                    """,
                    "\n")));
  }

  private static String row(LimitKind kind) {
    var unit = kind.unit();
    return "| `%s` | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            kind.text(),
            kind.key().isEmpty() ? "–" : "`" + kind.key() + "`",
            unit.format(kind.defaultValue()),
            unit.format(kind.minimum()),
            unit.format(kind.maximum()),
            kind.description(),
            kind.consequence());
  }
}
