package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Modules;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the releases of the configured sources. */
@Command(
    name = "list",
    description = {
      "List the releases of all configured sources and of the broker itself, the newest version of"
          + " a handler first.",
      "What comes over a network is not fetched for it unless --fetch is given, so that nothing is"
          + " known of its content. Exits with 3 if a source cannot be listed; the others are"
          + " shown."
    },
    mixinStandardHelpOptions = true)
final class RegistryListCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Option(
      names = "--fetch",
      description = "Fetch what is in registries, to tell digests and trust.")
  private boolean fetch;

  @Override
  public Integer call() {
    var config = options.load();
    var policy = trust.load(config);
    var listed =
        ListedReleases.of(Modules.sources(config.registry(), config.engine().moduleBytes()));
    var rows = new ArrayList<Map<String, @Nullable Object>>();
    for (var release : listed.sorted()) {
      rows.add(row(release, listed, policy));
    }
    print(rows, listed.problems(), Console.of(Objects.requireNonNull(spec)));
    return listed.problems().isEmpty() ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  private Map<String, @Nullable Object> row(
      Release release, ListedReleases listed, TrustPolicy policy) {
    var row = new LinkedHashMap<String, @Nullable Object>();
    var module = release.module();
    row.put("handler", release.id().handler());
    row.put("version", release.id().version().toString());
    row.put("state", "not_fetched");
    row.put("digest", null);
    row.put("module", module == null ? null : Descriptor.text(module));
    row.put("origin", WireName.of(release.origin()));
    row.put("source", release.location());
    row.put("published", release.published() == null ? null : release.published().toString());
    row.put("changed_to", listed.change(release));
    row.put("reason", null);
    if (fetch || listed.isLocal(release)) {
      describe(release, listed, policy, row);
    }
    return row;
  }

  private static void describe(
      Release release,
      ListedReleases listed,
      TrustPolicy policy,
      Map<String, @Nullable Object> row) {
    try {
      var found = listed.fetch(release);
      row.put("digest", Descriptor.text(found.digest()));
      row.put("module", Descriptor.text(found.artifact().wasm().digest()));
      ManifestReader.read(found.artifact().manifest(), release.id(), release.location());
      var verdict = policy.check(release, found.artifact().evidence());
      row.put("state", TrustVerdict.name(verdict));
      row.put("reason", TrustVerdict.reason(verdict));
    } catch (ModuleSourceException refused) {
      row.put("state", "refused");
      row.put("reason", refused.getMessage());
    }
  }

  private void print(
      List<Map<String, @Nullable Object>> rows, List<String> problems, Console console) {
    if (options.json()) {
      var document = new LinkedHashMap<String, Object>();
      document.put("releases", rows);
      document.put("problems", problems);
      new DocumentPrinter(console).json(document);
      return;
    }
    for (var row : rows) {
      var state = String.valueOf(row.get("state"));
      var shown = "%-17s".formatted(state);
      console.line(
          "%s  %-28s  %-19s  %-8s  %s"
              .formatted(
                  state.equals("trusted") ? console.success(shown) : console.bold(shown),
                  row.get("handler") + "@" + row.get("version"),
                  shorten(row.get("digest")),
                  row.get("origin"),
                  row.get("source")));
      if (row.get("changed_to") != null) {
        console.line(
            "  changed in its source to %s; what was fetched first stays in use"
                .formatted(row.get("changed_to")));
      }
      if (row.get("reason") != null) {
        console.line("  " + row.get("reason"));
      }
    }
    problems.forEach(problem -> console.error(console.failure("problem") + " " + problem));
  }

  /** Enough of a digest to compare by eye; --json has all of it. */
  private static String shorten(@Nullable Object digest) {
    return digest == null ? "-" : String.valueOf(digest).substring(0, "sha256:".length() + 12);
  }
}
