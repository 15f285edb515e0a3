package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one release of the configured sources. */
@Command(
    name = "show",
    description =
        "Show a release: what its manifest says and requests, digests, signatures, trust.",
    mixinStandardHelpOptions = true)
final class RegistryShowCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Parameters(
      paramLabel = "HANDLER[@VERSION]",
      description = "A handler; without a version, the newest release.")
  private String handler = "";

  @Override
  public Integer call() {
    var config = options.load();
    var policy = trust.load(config);
    var found = new NamedHandlers(config).newest(handler);
    var release = found.release();
    var artifact = found.artifact();
    var manifest = ManifestReader.read(artifact.manifest(), release.id(), release.location());
    var verdict = policy.check(release, artifact.evidence());
    var document = new LinkedHashMap<String, @Nullable Object>();
    InspectionPrinter.describe(manifest, document);
    document.put("examples", manifest.examples().stream().map(Example::name).toList());
    document.put("origin", WireName.of(release.origin()));
    document.put("source", release.location());
    document.put("published", release.published() == null ? null : release.published().toString());
    document.put("digest", Descriptor.text(found.digest()));
    document.put("module", Descriptor.text(artifact.wasm().digest()));
    document.put("bytes", artifact.wasm().size());
    document.put("signatures", artifact.provenance().signatures().size());
    document.put("state", TrustVerdict.name(verdict));
    document.put("reason", TrustVerdict.reason(verdict));
    var printer = new DocumentPrinter(Console.of(Objects.requireNonNull(spec)));
    if (options.json()) {
      printer.json(document);
    } else {
      printer.rows(document);
    }
    return ExitCode.OK;
  }
}
