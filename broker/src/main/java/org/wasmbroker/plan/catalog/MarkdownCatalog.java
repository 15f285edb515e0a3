package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;

/** The document of {@link CatalogDocument} for people and for prompts. */
public final class MarkdownCatalog {
  private static final int MAX_TEXT = 1000;
  private static final int MAX_JSON = 2000;

  private final StringBuilder text = new StringBuilder();

  private MarkdownCatalog() {}

  public static String of(JsonNode document) {
    var markdown = new MarkdownCatalog();
    markdown.line("# Handlers");
    document.path("handlers").valueStream().forEach(markdown::handler);
    return markdown.text.toString().stripTrailing();
  }

  private void handler(JsonNode handler) {
    line("");
    line("## " + plain(handler.path("name")) + " " + plain(handler.path("version")));
    line("");
    paragraph(plain(handler.path("description")));
    if (!handler.path("state").asString("").equals(HandlerEntry.TRUSTED)) {
      paragraph("**Does not run**: " + plain(handler.path("reason")));
    }
    list("Use it when", handler.path("use_when"));
    list("Not when", handler.path("avoid_when"));
    configuration(handler.path("configuration").path("members"));
    paragraph("**Result**: " + schema(handler.path("output_schema")));
    errors(handler.path("errors"));
    reach(handler);
    list("Composition", handler.path("composition").path("hints"));
    list("Takes results by", handler.path("composition").path("takes_results_by"));
    fits(handler.path("composition").path("result_as_prev_of"));
    examples(handler.path("examples"));
  }

  private void configuration(JsonNode members) {
    if (members.isEmpty()) {
      return;
    }
    line("| configuration | type | default | |");
    line("|---|---|---|---|");
    for (var member : members) {
      var allowed =
          member.has("allowed")
              ? "one of `" + cell(member.get("allowed").toString()) + "`"
              : types(member);
      var standard =
          member.has("default") ? "`" + cell(member.get("default").toString()) + "`" : "";
      line(
          "| `%s` | %s | %s | %s |"
              .formatted(
                  cell(plain(member.path("name"))),
                  allowed,
                  member.path("required").asBoolean(false) ? "required" : standard,
                  cell(plain(member.path("description")))));
    }
    line("");
  }

  private static String types(JsonNode member) {
    return String.join(
        ", ", member.path("types").valueStream().map(MarkdownCatalog::plain).toList());
  }

  private void errors(JsonNode errors) {
    if (errors.isEmpty()) {
      return;
    }
    line("| error | retryable | |");
    line("|---|---|---|");
    for (var error : errors) {
      line(
          "| `%s` | %s | %s |"
              .formatted(
                  cell(plain(error.path("type"))),
                  error.path("retryable").asBoolean(false) ? "yes" : "no",
                  cell(plain(error.path("description")))));
    }
    line("");
  }

  private void reach(JsonNode handler) {
    var reach = handler.path("reach");
    var destinations = reach.path("destinations");
    paragraph(
        "**May reach** under the policy in force: functions %s; destinations %s; secrets %s; new work %s."
            .formatted(
                names(reach.path("functions")),
                names(destinations),
                names(reach.path("secrets")),
                plain(reach.path("new-work"))));
    var limits = reach.path("limits");
    paragraph(
        "**Limits**: memory %s, time %s."
            .formatted(plain(limits.path("memory")), plain(limits.path("time"))));
    list("Why not more", reach.path("why_not_more"));
  }

  private void fits(JsonNode fits) {
    if (fits.isEmpty()) {
      return;
    }
    line("As the previous result of:");
    line("");
    for (var fit : fits) {
      line(
          "- `%s` %s: %s"
              .formatted(
                  plain(fit.path("handler")),
                  plain(fit.path("verdict")).replace('_', ' '),
                  plain(fit.path("why"))));
    }
    line("");
  }

  private void examples(JsonNode examples) {
    for (var example : examples) {
      line("Example: " + plain(example.path("name")));
      line("");
      line("```json");
      line(SafeText.sanitize(example.toString(), MAX_JSON));
      line("```");
      line("");
    }
  }

  private void list(String title, JsonNode sentences) {
    if (sentences.isEmpty()) {
      return;
    }
    line("**" + title + "**:");
    line("");
    sentences.valueStream().forEach(sentence -> line("- " + plain(sentence)));
    line("");
  }

  private void paragraph(String paragraph) {
    if (!paragraph.isBlank()) {
      line(paragraph);
      line("");
    }
  }

  private static String schema(JsonNode schema) {
    return schema.isNull()
        ? "decided by the configuration or the data."
        : "`" + SafeText.sanitize(schema.toString(), MAX_JSON) + "`";
  }

  private static String names(JsonNode names) {
    var all = new ArrayList<String>();
    names.valueStream().forEach(name -> all.add("`" + plain(name) + "`"));
    return all.isEmpty() ? "none" : String.join(", ", all);
  }

  private static String cell(String content) {
    return content.replace("|", "\\|");
  }

  private static String plain(JsonNode value) {
    return value.isMissingNode() || value.isNull()
        ? ""
        : SafeText.sanitize(value.isString() ? value.stringValue() : value.toString(), MAX_TEXT);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
