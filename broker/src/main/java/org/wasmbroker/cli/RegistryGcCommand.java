package org.wasmbroker.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Modules;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.store.ModuleStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes what nothing names from the module store. */
@Command(
    name = "gc",
    description = {
      "Remove from the module store (registry.store) what no release of a configured source names.",
      "A running broker may use the store meanwhile."
    },
    mixinStandardHelpOptions = true)
final class RegistryGcCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Option(
      names = "--all",
      description = "Remove everything, where no registry is configured that could name it.")
  private boolean all;

  @Override
  public Integer call() throws IOException {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    var store =
        ModuleStore.open(config.registry().store())
            .orElseThrow(
                () ->
                    new UsageException(
                        "there is no module store; registry.store names its directory"));
    var sources =
        Modules.sources(config.registry(), config.engine().moduleBytes()).stream()
            .filter(ModuleSource::isRemote)
            .map(ModuleSource::id)
            .collect(Collectors.toSet());
    if (sources.isEmpty() && !all) {
      throw new UsageException(
          "no registry is configured (registry.oci), so that this would remove all of %s; name the"
                  .formatted(config.registry().store().directory())
              + " broker's configuration by --config, or remove everything by --all");
    }
    var freed = store.gc(sources);
    var document = new LinkedHashMap<String, Object>();
    document.put("files", freed.files());
    document.put("bytes", freed.bytes());
    if (options.json()) {
      new DocumentPrinter(console).json(document);
    } else {
      console.line(
          "removed %d files, %s".formatted(freed.files(), HumanFormat.bytes(freed.bytes())));
    }
    return ExitCode.OK;
  }
}
