package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Modules;
import org.wasmbroker.registry.release.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Says of releases whether they may run. */
@Command(
    name = "verify",
    description = {
      "Say of each release that the broker does not come with whether it has the signatures and"
          + " approvals that the policy demands, as a broker would. Nothing is compiled or run.",
      "The exit code is 1 if one of them may not run."
    },
    mixinStandardHelpOptions = true)
final class RegistryVerifyCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Parameters(
      paramLabel = "HANDLER[@VERSION]|sha256:DIGEST",
      arity = "0..1",
      description = "Which releases; all of them by default.")
  private @Nullable String which;

  @Override
  public Integer call() {
    var config = options.load();
    var policy = trust.load(config);
    var releases =
        ListedReleases.ofUsers(Modules.sources(config.registry(), config.engine().moduleBytes()));
    var found = which == null ? releases.all() : releases.named(which);
    if (which != null && found.isEmpty()) {
      throw new UsageException("no source has a release " + which);
    }
    var lines = new ArrayList<Map<String, @Nullable Object>>();
    boolean allTrusted = true;
    for (var each : found) {
      var verdict = policy.check(each.release(), each.artifact().evidence());
      allTrusted &= verdict instanceof Verdict.Trusted;
      lines.add(line(each, verdict));
    }
    print(lines, Console.of(Objects.requireNonNull(spec)));
    return allTrusted ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Map<String, @Nullable Object> line(ListedReleases.Found found, Verdict verdict) {
    var line = new LinkedHashMap<String, @Nullable Object>();
    line.put("handler", found.release().id().handler());
    line.put("version", found.release().id().version().toString());
    line.put("digest", "sha256:" + found.digest());
    line.put("module", "sha256:" + found.artifact().wasm().digest());
    line.put("source", found.release().location());
    line.put("signatures", found.artifact().provenance().signatures().size());
    line.put("verdict", TrustVerdict.name(verdict));
    line.put("reason", TrustVerdict.reason(verdict));
    return line;
  }

  private void print(List<Map<String, @Nullable Object>> lines, Console console) {
    if (options.json()) {
      console.line(JsonMapper.shared().writeValueAsString(Map.of("releases", lines)));
      return;
    }
    if (lines.isEmpty()) {
      console.line("no source has a release besides those that the broker comes with");
    }
    for (var line : lines) {
      boolean trusted = "trusted".equals(line.get("verdict"));
      var verdict = String.valueOf(line.get("verdict"));
      console.line(
          "%s %s@%s %s"
              .formatted(
                  trusted ? console.success(verdict) : console.failure(verdict),
                  line.get("handler"),
                  line.get("version"),
                  line.get("digest")));
      if (!trusted) {
        console.line("  " + line.get("reason"));
      }
    }
  }
}
