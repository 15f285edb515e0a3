package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.catalog.CatalogDocument;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.MarkdownCatalog;
import org.wasmbroker.plan.catalog.ToolFormat;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Writes what the installed handlers do, for people and models who plan workflows. */
@Command(
    name = "capabilities",
    description = {
      "Write what each installed handler is for, what it takes and gives, and what it may reach"
          + " under the policy in force.",
      "The formats openai, anthropic and mcp are tools for the APIs of these names, without handlers"
          + " that the policy does not let run. Runs nothing. Exits with 3 if a source cannot be"
          + " listed; the others are shown."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker capabilities --format markdown",
      "  wasm-broker capabilities --format openai transform http_request"
    })
final class CapabilitiesCommand implements Callable<Integer> {
  /** The forms of the document. */
  enum Format {
    JSON,
    OPENAI,
    ANTHROPIC,
    MCP,
    MARKDOWN;

    static Format parse(String text) {
      return Arrays.stream(values())
          .filter(format -> WireName.of(format).equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new UsageException(
                      "--format "
                          + Names.notOneOf(
                              text, Arrays.stream(values()).map(WireName::of).toList())));
    }
  }

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "json",
      description = "json (default), openai, anthropic, mcp or markdown.")
  private String format = "json";

  @Parameters(
      paramLabel = "HANDLER[@VERSION]",
      arity = "0..*",
      description = "Only these; without a version, the newest. By default all.")
  private List<String> handlers = List.of();

  @Override
  public Integer call() {
    var wanted = Format.parse(format);
    options.putDefault("log.level", "error");
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    var installed = new InstalledHandlers(config, trust.policy(config), trust.load(config));
    var entries =
        handlers.isEmpty() ? installed.all() : handlers.stream().map(installed::named).toList();
    var problems = new ArrayList<>(installed.unlisted());
    problems.addAll(installed.refused());
    switch (wanted) {
      case JSON ->
          json(CatalogDocument.of(entries, installed.policy().digest(), problems), console);
      case MARKDOWN ->
          console.line(
              MarkdownCatalog.of(
                  CatalogDocument.of(entries, installed.policy().digest(), problems)));
      case OPENAI -> tools(ToolFormat.openai(running(entries, console)), console);
      case ANTHROPIC -> tools(ToolFormat.anthropic(running(entries, console)), console);
      case MCP -> tools(ToolFormat.mcp(running(entries, console)), console);
    }
    problems.forEach(problem -> console.error(console.failure("problem") + " " + problem));
    return installed.unlisted().isEmpty() ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  /** A model should not be offered what the broker refuses to run. */
  private static List<HandlerEntry> running(List<HandlerEntry> entries, Console console) {
    for (var entry : entries) {
      if (!entry.isTrusted()) {
        console.error(
            "left out: %s@%s %s"
                .formatted(entry.manifest().name(), entry.manifest().version(), entry.reason()));
      }
    }
    return entries.stream().filter(HandlerEntry::isTrusted).toList();
  }

  private static void tools(ToolFormat.Tools tools, Console console) {
    json(tools.document(), console);
    tools.notes().forEach(note -> console.error("note: " + note));
  }

  private static void json(JsonNode document, Console console) {
    new DocumentPrinter(console).json(document);
  }
}
