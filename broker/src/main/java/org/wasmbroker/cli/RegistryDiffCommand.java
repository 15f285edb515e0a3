package org.wasmbroker.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.publish.CapabilityDiff;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ReleaseId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what one version asks more than another. */
@Command(
    name = "diff",
    description = {
      "Show what a version of a handler asks more than another: host functions, destinations,"
          + " secrets, memory, time, resource class.",
      "Exits with 1 if it asks more."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker registry diff hello@1.0.0 ./hello"})
final class RegistryDiffCommand implements Callable<Integer> {
  private static final String WHAT =
      "A handler of the configured sources (HANDLER[@VERSION]), a reference (oci://…), or a"
          + " directory or archive.";

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(index = "0", paramLabel = "BEFORE", description = WHAT)
  private String before = "";

  @Parameters(index = "1", paramLabel = "AFTER", description = "Another one.")
  private String after = "";

  @Override
  public Integer call() throws IOException {
    var handlers = new NamedHandlers(options.load());
    var old = handlers.manifest(before);
    var next = handlers.manifest(after);
    var diff = CapabilityDiff.between(old, next);
    print(id(old), id(next), diff, Console.of(Objects.requireNonNull(spec)));
    return diff.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static ReleaseId id(Manifest manifest) {
    return new ReleaseId(manifest.name(), manifest.version());
  }

  private void print(ReleaseId old, ReleaseId next, CapabilityDiff diff, Console console) {
    if (options.json()) {
      var document = new LinkedHashMap<String, Object>();
      document.put("before", old.toString());
      document.put("after", next.toString());
      document.put(
          "added",
          diff.added().stream()
              .map(added -> Map.of("kind", added.kind(), "text", added.text()))
              .toList());
      new DocumentPrinter(console).json(document);
      return;
    }
    console.line(
        "%s asks %s than %s%s"
            .formatted(next, diff.isEmpty() ? "no more" : "more", old, diff.isEmpty() ? "" : ":"));
    diff.added().forEach(added -> console.line("  + " + added.text()));
  }
}
