package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.example.ExampleRunner;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.Check;
import org.wasmbroker.publish.DirectoryTarget;
import org.wasmbroker.publish.HandlerChecks;
import org.wasmbroker.publish.PackageFiles;
import org.wasmbroker.publish.Publication;
import org.wasmbroker.publish.PublishTarget;
import org.wasmbroker.publish.Publisher;
import org.wasmbroker.publish.Publisher.Admission;
import org.wasmbroker.publish.RegistryTarget;
import org.wasmbroker.signature.CosignSignature;
import org.wasmbroker.signature.SignatureDocument;
import org.wasmbroker.signature.SigningKey;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a handler and publishes it. */
@Command(
    name = "publish",
    description = {
      "Check a handler, run its examples, and publish it in a registry or a module directory.",
      "A project is built first. Exits with 1 if a check fails; then nothing is published. A"
          + " published version never changes: publishing it again with the same content changes"
          + " nothing."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker publish . oci://registry.example/handlers/hello:1.0.0 --key key.pem",
      "  wasm-broker publish hello.tar.gz /etc/wasm-broker/handlers"
    })
final class PublishCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description =
          "A project's directory, an archive (.tar.gz, .tar, .zip) of manifest.json and"
              + " module.wasm, or a .wasm file beside its manifest.json.")
  private String file = "";

  @Parameters(
      index = "1",
      paramLabel = "REF",
      description =
          "oci://HOST/PATH/HANDLER[:VERSION], or the path of a module directory (dir:PATH if it"
              + " could be taken for something else). The version is that of the manifest.")
  private String reference = "";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Sign it with this private key (PEM, PKCS #8).")
  private @Nullable Path key;

  @Option(
      names = "--accept-capabilities",
      description = "Publish it though it asks more than the version before it.")
  private boolean acceptCapabilities;

  @Option(names = "--dry-run", description = "Make all checks, and publish nothing.")
  private boolean dryRun;

  @Option(names = "--no-examples", description = "Do not run the examples of the manifest.")
  private boolean noExamples;

  private final List<Check> checks = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    try (var target = target(config)) {
      var signer = key == null ? null : signer(key);
      var files = HandlerFiles.read(file, config, console);
      var publication = check(files, config, console);
      if (publication == null) {
        return refused(console);
      }
      var publisher = new Publisher(target, acceptCapabilities, check -> report(check, console));
      var admission = publisher.check(publication);
      if (admission instanceof Admission.Refused) {
        return refused(console);
      }
      var there =
          admission instanceof Admission.AlreadyThere
              ? target.signatures(publication)
              : List.<Document>of();
      var signatures = signatures(publication, signer, there);
      if (!dryRun) {
        publisher.put(publication, signatures, part -> console.error(console.dim(part)));
      }
      print(publication, target, admission, signatures.size(), console);
      return ExitCode.OK;
    }
  }

  private @Nullable Publication check(PackageFiles files, BrokerConfig config, Console console) {
    var retries = config.dispatch().retryPolicy();
    try (var engine = Engines.start(config.engineName(), config.engine())) {
      var examples =
          new ExampleRunner(retries, config.engine().threadStackBytes(), StepAccessFactory.BASIC);
      return new HandlerChecks(engine, config.limits(), config.engine().moduleBytes(), examples)
          .check(file, files, !noExamples, check -> report(check, console))
          .orElse(null);
    }
  }

  private void report(Check check, Console console) {
    checks.add(check);
    if (!options.json()) {
      var label = "%-7s".formatted(WireName.of(check.result()));
      var shown =
          switch (check.result()) {
            case OK -> console.success(label);
            case SKIPPED -> console.dim(label);
            case FAILED -> console.failure(label);
          };
      console.error("%s  %-12s  %s".formatted(shown, check.name(), check.detail()));
    }
  }

  private int refused(Console console) {
    if (options.json()) {
      var document = new LinkedHashMap<String, Object>();
      document.put("published", false);
      document.put("checks", checks.stream().map(PublishCommand::document).toList());
      new DocumentPrinter(console).json(document);
    } else {
      console.error(console.failure("nothing was published"));
    }
    return ExitCode.FAILED;
  }

  private static Map<String, String> document(Check check) {
    var document = new LinkedHashMap<String, String>();
    document.put("name", check.name());
    document.put("result", WireName.of(check.result()));
    document.put("detail", check.detail());
    return document;
  }

  private void print(
      Publication publication,
      PublishTarget target,
      Admission admission,
      int signatures,
      Console console) {
    var document = new LinkedHashMap<String, Object>();
    boolean isThere = admission instanceof Admission.AlreadyThere;
    document.put("published", !dryRun && !isThere);
    document.put("already_there", isThere);
    document.put("handler", publication.id().handler());
    document.put("version", publication.id().version().toString());
    document.put("location", target.location(publication.id()));
    document.put("digest", Descriptor.text(publication.layout().digest()));
    document.put("module", Descriptor.text(publication.files().wasm().digest()));
    document.put("signatures", dryRun ? 0 : signatures);
    if (options.json()) {
      document.put("checks", checks.stream().map(PublishCommand::document).toList());
      new DocumentPrinter(console).json(document);
    } else {
      new DocumentPrinter(console).rows(document);
    }
  }

  /**
   * Those that are not there yet: each key signs once, though no two of its signatures are equal.
   */
  private static List<Document> signatures(
      Publication publication, @Nullable SigningKey signer, List<Document> there) {
    var signatures = new ArrayList<>(publication.files().signatures());
    signatures.removeAll(there);
    if (signer != null && !isSigned(publication, signer, there)) {
      signatures.add(signer.sign(publication.layout().digest()));
    }
    return signatures;
  }

  private static boolean isSigned(
      Publication publication, SigningKey signer, List<Document> there) {
    return there.stream()
        .flatMap(document -> SignatureDocument.read(document.bytes()).signatures().stream())
        .map(signature -> signature.verify(signer.publicKey(), publication.layout().digest()))
        .anyMatch(CosignSignature.Verdict.Valid.class::isInstance);
  }

  private static SigningKey signer(Path file) throws IOException {
    try {
      return SigningKey.parse(Files.readString(file));
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(file + " " + invalid.getMessage());
    }
  }

  private PublishTarget target(BrokerConfig config) {
    if (RegistryClients.isReference(reference)) {
      var parsed = RegistryClients.reference(reference);
      return new RegistryTarget(RegistryClients.open(config), parsed);
    }
    var limits = ArchiveLimits.of(config.engine().moduleBytes());
    if (reference.startsWith("dir:")) {
      return new DirectoryTarget(ProcessText.path(reference.substring(4)), limits);
    }
    var path = ProcessText.path(reference);
    if (!Files.exists(path) && looksLikeRegistry()) {
      throw new UsageException(
          "'%s' could be a registry or a directory: write oci://%s or dir:%s"
              .formatted(reference, reference, reference));
    }
    return new DirectoryTarget(path, limits);
  }

  private boolean looksLikeRegistry() {
    return !reference.startsWith("/")
        && !reference.startsWith(".")
        && (reference.contains(":") || reference.matches("[^/]+\\.[^/]+/.*"));
  }
}
