package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.Inspection;
import org.wasmbroker.publish.PackageReader;
import org.wasmbroker.publish.PackageRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a module is, and what a broker would refuse about it. */
@Command(
    name = "inspect",
    description = {
      "Show what a module imports, exports and requests, and whether a broker would refuse it, and"
          + " why. Runs nothing.",
      "Exits with 1 if a broker with this configuration would refuse it."
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(
      paramLabel = "FILE",
      description =
          "A .wasm file, a directory or archive (.tar.gz, .tar, .zip) of manifest.json and"
              + " module.wasm, or a reference such as oci://registry.example/handlers/hello:1.0.0.")
  private String file = "";

  @Override
  public Integer call() throws IOException {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    try {
      var inspection = inspect(config);
      print(inspection, console);
      return inspection.refusals().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    } catch (PackageRefusedException refused) {
      console.error(console.failure("refused") + " " + refused.getMessage());
      return ExitCode.FAILED;
    }
  }

  private Inspection inspect(BrokerConfig config) throws IOException {
    if (RegistryClients.isReference(file)) {
      var files = new NamedHandlers(config).pulled(file);
      return inspect(files.wasm(), files.manifest(), config);
    }
    var limits = ArchiveLimits.of(config.engine().moduleBytes());
    var path = ProcessText.path(file);
    if (isModule(path)) {
      return inspect(PackageReader.readModule(path, limits), null, config);
    }
    var files =
        Files.isDirectory(path)
            ? HandlerFiles.asBuilt(path, config)
            : PackageReader.read(path, limits);
    return inspect(files.wasm(), files.manifest(), config);
  }

  /**
   * A file that is no archive is taken for a module, with the manifest beside it if there is one.
   */
  private static boolean isModule(Path path) throws IOException {
    return !Files.isDirectory(path)
        && !PackageReader.isArchive(path)
        && !Files.exists(path.resolveSibling("manifest.json"));
  }

  private Inspection inspect(WasmBinary module, @Nullable Document manifest, BrokerConfig config) {
    try (var engine = Engines.start(config.engineName(), config.engine())) {
      return Inspection.of(
          file, module, manifest, engine, config.limits(), config.engine().moduleBytes());
    }
  }

  private void print(Inspection inspection, Console console) {
    var document = InspectionPrinter.document(inspection);
    var printer = new DocumentPrinter(console);
    if (options.json()) {
      printer.json(document);
      return;
    }
    document.remove("refused");
    printer.rows(document);
    if (inspection.refusals().isEmpty()) {
      console.line(console.success("a broker would run it"));
    } else {
      console.line(console.failure("a broker would refuse it:"));
      inspection.refusals().forEach(refusal -> console.line("  - " + refusal));
    }
  }
}
