package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final Path SOURCES = Path.of("src/main/java/org/wasmbroker/egress");
  private static final Pattern REFUSAL =
      Pattern.compile("FailureType\\.([A-Z_]+),\\s*\"([a-z]+)\"");

  /** A reason that is missing there has no series before it happens. */
  @Test
  void everyReasonOfTheCodeIsInTheTable() throws IOException {
    var used = new TreeSet<String>();
    try (var files = Files.list(SOURCES)) {
      for (var file : files.toList()) {
        REFUSAL
            .matcher(Files.readString(file))
            .results()
            .forEach(
                found -> used.add(found.group(1).toLowerCase(Locale.ROOT) + " " + found.group(2)));
      }
    }
    assertThat(used).hasSizeGreaterThan(15);
    assertThat(Refusals.all().stream().map(each -> each.error() + " " + each.reason()))
        .containsExactlyInAnyOrderElementsOf(used);
  }
}
