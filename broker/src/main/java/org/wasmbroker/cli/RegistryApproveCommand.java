package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Modules;
import org.wasmbroker.registry.release.Verdict;
import org.wasmbroker.registry.trust.Approval;
import org.wasmbroker.registry.trust.ApprovalsFile;
import org.wasmbroker.step.SafeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Records that a person lets a release run. */
@Command(
    name = "approve",
    description = {
      "Record in the file registry.approvals that a release may run, where the policy demands an"
          + " approval. It holds for this module with this manifest; a broker that watches the file"
          + " sees it within policy.reload."
    },
    mixinStandardHelpOptions = true)
final class RegistryApproveCommand implements Callable<Integer> {
  private static final int MAX_TEXT = 200;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Parameters(
      paramLabel = "HANDLER@VERSION|sha256:DIGEST",
      description = "One release, by its version, or by its digest or its module's.")
  private String which = "";

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who approves it; by default the user of the operating system.")
  private @Nullable String by;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for those who read it later.")
  private @Nullable String reason;

  @Override
  public Integer call() {
    var config = options.load();
    var file = config.registry().approvals();
    if (file == null) {
      throw new UsageException(
          "no file of approvals is configured; set registry.approvals to one, such as -s"
              + " registry.approvals=approvals.yaml");
    }
    var found =
        only(
            ListedReleases.ofUsers(
                Modules.sources(config.registry(), config.engine().moduleBytes())));
    var approval =
        new Approval(
            found.digest(),
            found.release().id(),
            text("--by", by == null ? System.getProperty("user.name", "unknown") : by),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            reason == null ? null : text("--reason", reason));
    boolean added = add(file, approval);
    var verdict = trust.load(config).check(found.release(), found.artifact().evidence());
    print(approval, added, verdict);
    return ExitCode.OK;
  }

  private ListedReleases.Found only(ListedReleases releases) {
    var found = releases.named(which);
    if (found.isEmpty()) {
      throw new UsageException(
          "no source has a release %s; modules that the broker comes with need no approval"
              .formatted(which));
    }
    if (found.size() > 1) {
      throw new UsageException(
          "%s is more than one release; name one of %s"
              .formatted(
                  which,
                  found.stream()
                      .map(each -> each.release().id().toString())
                      .collect(Collectors.joining(", "))));
    }
    return found.getFirst();
  }

  private static boolean add(Path file, Approval approval) {
    try {
      return new ApprovalsFile(file).add(approval);
    } catch (IOException failure) {
      throw new UnavailableException(
          new IOException("cannot add to %s: %s".formatted(file, failure.getMessage()), failure));
    }
  }

  private static String text(String option, String text) {
    var safe = SafeText.sanitize(text, MAX_TEXT).strip();
    if (safe.isEmpty()) {
      throw new UsageException(option + " is empty");
    }
    return safe;
  }

  private void print(Approval approval, boolean added, Verdict verdict) {
    var console = Console.of(Objects.requireNonNull(spec));
    if (options.json()) {
      var document = new LinkedHashMap<String, @Nullable Object>();
      document.put("handler", approval.release().handler());
      document.put("version", approval.release().version().toString());
      document.put("digest", "sha256:" + approval.digest());
      document.put("by", approval.by());
      document.put("added", added);
      document.put("trusted", verdict instanceof Verdict.Trusted);
      console.line(JsonMapper.shared().writeValueAsString(document));
      return;
    }
    console.line(
        "%s %s sha256:%s"
            .formatted(
                console.success(added ? "approved" : "was approved before"),
                approval.release(),
                approval.digest()));
    if (verdict instanceof Verdict.Untrusted(var missing)) {
      console.line("  it may not run yet: " + missing);
    }
  }
}
