package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.ArchiveWriter;
import org.wasmbroker.publish.DirectoryTarget;
import org.wasmbroker.publish.PackageFiles;
import org.wasmbroker.publish.Publication;
import org.wasmbroker.registry.release.ReleaseId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches a release from a registry into a directory or an archive. */
@Command(
    name = "pull",
    description = {
      "Fetch a release with its signatures from a registry, into a module directory or an archive.",
      "Every byte is checked against the digests. Nothing is compiled or run, and no signature is"
          + " verified: that is for registry verify and for the broker."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker registry pull oci://registry.example/handlers/hello:1.0.0 modules",
      "  wasm-broker registry pull oci://registry.example/handlers/hello:1.0.0 hello.tar.gz"
    })
final class RegistryPullCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(
      index = "0",
      paramLabel = "REF",
      description = "oci://HOST/PATH/HANDLER:VERSION, or @sha256:… instead of the version.")
  private String reference = "";

  @Parameters(
      index = "1",
      paramLabel = "DIR|FILE.tar.gz",
      description = "A module directory, or an archive that does not exist yet.")
  private Path destination = Path.of("");

  @Override
  public Integer call() throws IOException {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    if (!RegistryClients.isReference(reference)) {
      throw new UsageException("'%s' must begin with oci://".formatted(reference));
    }
    RegistryClients.manifestReference(reference);
    requireDestination();
    console.error(console.dim("fetching " + reference));
    var publication = Publication.of(reference, new NamedHandlers(config).pulled(reference));
    var id = publication.id();
    var location =
        isArchive()
            ? archive(id, publication.files())
            : directory(publication, config.engine().moduleBytes(), console);
    var document = new LinkedHashMap<String, Object>();
    document.put("handler", id.handler());
    document.put("version", id.version().toString());
    document.put("location", location);
    document.put("digest", Descriptor.text(publication.layout().digest()));
    document.put("module", Descriptor.text(publication.files().wasm().digest()));
    document.put("signatures", publication.files().signatures().size());
    var printer = new DocumentPrinter(console);
    if (options.json()) {
      printer.json(document);
    } else {
      printer.rows(document);
    }
    return ExitCode.OK;
  }

  /** What can be known to fail is told before anything is fetched. */
  private void requireDestination() {
    var name = name();
    if (isArchive() && Files.exists(destination)) {
      throw new UsageException(destination + " exists; it is not overwritten");
    }
    if (!Files.isDirectory(destination) && (name.endsWith(".zip") || name.endsWith(".tar"))) {
      throw new UsageException(
          "'%s' is no form of archive that is written; name a .tar.gz, or a directory"
              .formatted(destination));
    }
  }

  private String name() {
    return String.valueOf(destination.getFileName());
  }

  private boolean isArchive() {
    return name().endsWith(".tar.gz") || name().endsWith(".tgz");
  }

  private String archive(ReleaseId id, PackageFiles files) throws IOException {
    Files.write(destination, ArchiveWriter.tarGz(id, files), StandardOpenOption.CREATE_NEW);
    return destination.toString();
  }

  private String directory(Publication publication, int moduleBytes, Console console)
      throws IOException {
    try (var target = new DirectoryTarget(destination, ArchiveLimits.of(moduleBytes))) {
      target.put(publication, part -> console.error(console.dim(part)));
      var signatures = publication.files().signatures();
      if (!signatures.isEmpty()) {
        target.sign(publication, signatures, part -> console.error(console.dim(part)));
      }
      return target.location(publication.id());
    }
  }
}
