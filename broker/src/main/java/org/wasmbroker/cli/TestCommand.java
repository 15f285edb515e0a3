package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.example.ManifestEditor;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Manifest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Builds a handler and runs the examples of its manifest. */
@Command(
    name = "test",
    description = {
      "Build a handler if its sources changed, and run the examples of its manifest in the"
          + " sandbox.",
      "They run with the limits that the manifest requests; without a policy, HTTP and secrets are"
          + " denied. The exit code is 1 if one does not end as the manifest expects."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker test hello"})
final class TestCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description =
          "The handler's project, or a directory with module.wasm and manifest.json (default:"
              + " here).")
  private Path directory = Path.of("");

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      description = "Only the examples whose names contain it.")
  private String filter = "";

  @Option(
      names = "--update",
      description = "Write what happened into the manifest as what is expected.")
  private boolean update;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What the handler may use (sets policy.file).")
  private @Nullable String policy;

  @Option(names = "--json", description = "Print the outcomes as one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    var project = HandlerProject.open(directory);
    int built = ProjectBuilder.exitCode(new ProjectBuilder(console).build(project, () -> false));
    if (built != ExitCode.OK) {
      return built;
    }
    requireExamples(ProjectTrial.manifest(project));
    ProjectConfig.prepare(options, project, policy);
    try (var trial = ProjectTrial.start(options.load());
        var handler = trial.load(project)) {
      var printer = new ExamplePrinter(console, json);
      trial.run(handler, this::isWanted, printer::print);
      printer.finish(handler.manifest(), handler.module().id().digest());
      if (update && printer.failed() > 0) {
        update(project, printer, console);
        return ExitCode.OK;
      }
      return printer.failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private boolean isWanted(Example example) {
    return example.name().contains(filter);
  }

  private void requireExamples(Manifest manifest) {
    var examples = manifest.examples();
    if (!examples.isEmpty() && examples.stream().noneMatch(this::isWanted)) {
      throw new UsageException(
          "no example has '%s' in its name; there are: %s"
              .formatted(filter, Names.list(examples.stream().map(Example::name).toList())));
    }
  }

  private static void update(HandlerProject project, ExamplePrinter printer, Console console)
      throws IOException {
    var expectations = new LinkedHashMap<String, JsonNode>();
    printer.outcomes().stream()
        .filter(outcome -> !outcome.matched())
        .forEach(outcome -> expectations.put(outcome.example().name(), outcome.newExpectation()));
    var file = project.directory().resolve(HandlerProject.MANIFEST);
    var text = new String(project.manifestBytes(), StandardCharsets.UTF_8);
    var scratch = Files.createTempFile(project.directory(), ".manifest-", ".json");
    try {
      Files.writeString(scratch, ManifestEditor.withExpectations(text, expectations));
      Files.setPosixFilePermissions(scratch, Files.getPosixFilePermissions(file));
      Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(scratch);
    }
    console.error(
        "%s now expects what happened in: %s"
            .formatted(HandlerProject.MANIFEST, Names.list(expectations.keySet())));
  }
}
