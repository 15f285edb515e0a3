package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.NamedTests;

class EgressDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "egress.md");

  @Test
  void everyLineOfTheRuleForSendingAgainHasATest() throws IOException {
    var text = Files.readString(DOCUMENT);
    var rule = text.substring(text.indexOf("## Sending again"), text.indexOf("## Headers"));

    assertThat(rule.lines().filter(line -> line.startsWith("| ")))
        .filteredOn(line -> !line.endsWith("| test |"))
        .hasSizeGreaterThan(10)
        .allSatisfy(line -> assertThat(NamedTests.areIn(line)).as(line).isTrue());
    NamedTests.assertExist(text);
  }
}
