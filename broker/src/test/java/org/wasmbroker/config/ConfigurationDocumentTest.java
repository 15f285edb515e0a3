package org.wasmbroker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.GeneratedSection;

/** Checks docs/configuration.md against the settings. */
class ConfigurationDocumentTest {
  @Test
  void theDocumentListsEverySetting() throws IOException {
    GeneratedSection.check(
        "configuration.md",
        Settings.ALL.stream()
            .map(ConfigurationDocumentTest::row)
            .collect(
                Collectors.joining(
                    "",
                    "\n| key | value | default | example | meaning |\n|---|---|---|---|---|\n",
                    "\n")));
  }

  @Test
  void everyExampleIsValidAndNotTheDefault() {
    assertThat(Settings.ALL)
        .allSatisfy(
            setting -> {
              assertThat(setting.kind().parse().apply(setting.example())).isPresent();
              assertThat(setting.example()).isNotEqualTo(setting.defaultText());
            });
  }

  private static String row(Setting<?> setting) {
    return "| `%s` | %s | %s | `%s` | %s |\n"
        .formatted(
            setting.key(),
            setting.kind().name(),
            setting.defaultDescription().isEmpty()
                ? "`" + setting.defaultText() + "`"
                : setting.defaultDescription(),
            setting.example(),
            setting.description());
  }
}
