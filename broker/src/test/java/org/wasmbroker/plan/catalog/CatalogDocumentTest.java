package org.wasmbroker.plan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class CatalogDocumentTest {
  static List<HandlerEntry> bundled() {
    return Entries.bundled();
  }

  @ParameterizedTest
  @MethodSource("bundled")
  void everyBundledHandlerSaysWhatItIsForAndWhatNot(HandlerEntry entry) {
    var manifest = entry.manifest();

    assertThat(manifest.description()).isNotBlank();
    assertThat(manifest.guidance().useWhen()).isNotEmpty();
    assertThat(manifest.guidance().avoidWhen()).isNotEmpty();
    assertThat(manifest.guidance().composition()).isNotEmpty();
  }

  /** A misspelt one would silently switch a check of plans off. */
  @ParameterizedTest
  @MethodSource("bundled")
  void everyMeaningInASchemaIsKnown(HandlerEntry entry) {
    assertMeanings(Schemas.tree(entry.manifest().configSchema()));
  }

  private static void assertMeanings(JsonNode schema) {
    if (schema.path(Schemas.MEANS).isString()) {
      assertThat(Meaning.of(schema)).as(schema.path(Schemas.MEANS).stringValue()).isPresent();
    }
    schema.valueStream().forEach(CatalogDocumentTest::assertMeanings);
  }

  /** What a manifest says of filters and references, plans rely on. */
  @ParameterizedTest
  @MethodSource("bundled")
  void errorsOfTheConfigurationAreMarkedAsSuch(HandlerEntry entry) {
    var errors = CatalogDocument.handler(entry, List.of()).path("errors");

    for (var error : errors) {
      var type = error.path("type").stringValue().toLowerCase(Locale.ROOT);
      if (type.equals("invalid_config") || type.startsWith("filter_syntax")) {
        assertThat(error.path("configuration").asBoolean(false)).as(type).isTrue();
      }
      assertThat(error.path("retryable").isBoolean()).as(type).isTrue();
      assertThat(error.path("description").asString("")).as(type).isNotBlank();
    }
  }

  @Test
  void aHandlerIsDescribedWhole() {
    var entry =
        Entries.bundled().stream()
            .filter(each -> each.manifest().name().equals("http_request"))
            .findFirst()
            .orElseThrow();

    var handler = CatalogDocument.of(List.of(entry), null, List.of()).at("/handlers/0");

    assertThat(handler.path("name").stringValue()).isEqualTo("http_request");
    assertThat(handler.at("/configuration/members/0/name").stringValue()).isEqualTo("url");
    assertThat(handler.at("/configuration/members/0/required").booleanValue()).isTrue();
    assertThat(handler.at("/configuration/members/1/default").stringValue()).isEqualTo("GET");
    assertThat(handler.at("/configuration/schema/properties/url/type").stringValue())
        .isEqualTo("string");
    assertThat(handler.at("/output_schema/required/0").stringValue()).isEqualTo("status_code");
    assertThat(handler.at("/errors").size()).isGreaterThan(5);
    assertThat(handler.at("/resources/timeout_ms").intValue()).isEqualTo(30_000);
    assertThat(handler.at("/reach/destinations").isEmpty()).isTrue();
    assertThat(handler.at("/reach/limits/memory").stringValue()).isEqualTo("32 MiB");
    assertThat(handler.at("/reach/why_not_more").toString()).contains("http_request is requested");
    assertThat(handler.at("/composition/takes_results_by").toString())
        .contains("references in config/url", "the filter in config/response_extract");
    assertThat(handler.at("/composition/result_as_prev_of/0/verdict").stringValue())
        .isEqualTo("fits");
    assertThat(handler.at("/examples/0/config/url").isString()).isTrue();
    assertThat(handler.at("/examples/0/expect/error/type").stringValue()).isEqualTo("not_allowed");
  }

  @Test
  void aManifestWithoutAnyOfItIsDescribedAsWell() {
    var entry = Entries.of(Entries.manifest("bare", ""));

    var handler = CatalogDocument.of(List.of(entry), null, List.of("x")).at("/handlers/0");

    assertThat(handler.path("use_when").isEmpty()).isTrue();
    assertThat(handler.path("configuration").path("schema").isNull()).isTrue();
    assertThat(MarkdownCatalog.of(CatalogDocument.of(List.of(entry), null, List.of())))
        .contains("## bare 1.0.0", "decided by the configuration or the data");
  }

  @Test
  void theResultOfOneHandlerIsComparedWithTheInputOfTheOthers() {
    var producer =
        Entries.of(Entries.manifest("producer", "\"output_schema\":{\"type\":\"array\"}"));
    var consumer =
        Entries.of(
            Entries.manifest(
                "consumer",
                """
                "input_schema":{"properties":{"prev":{"$ref":"#/$defs/o"}},"$defs":{"o":{"type":"object"}}}
                """));

    var document = CatalogDocument.of(List.of(producer, consumer), null, List.of());

    assertThat(document.at("/handlers/0/composition/result_as_prev_of/1/verdict").stringValue())
        .isEqualTo("does_not_fit");
    assertThat(document.at("/handlers/1/composition/takes_results_by").toString())
        .contains("`prev` of the step document");
  }

  @Test
  void markdownHasASectionForEachHandler() {
    var markdown = MarkdownCatalog.of(CatalogDocument.of(Entries.bundled(), null, List.of()));

    assertThat(markdown)
        .startsWith("# Handlers")
        .contains(
            "## transform 1.0.0",
            "**Use it when**:",
            "| `filter` | string | required |",
            "| `invalid_config` | no |",
            "**May reach** under the policy in force: functions `read_input`");
  }
}
