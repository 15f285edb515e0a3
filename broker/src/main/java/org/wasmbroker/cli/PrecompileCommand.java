package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Modules;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.wasmtime.Precompiler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles modules before a broker is started, for images of containers. */
@Command(
    name = "precompile",
    description = {
      "Compile the broker's own handlers, and those of the configured sources, into a directory.",
      "A broker whose engine.compile-seed names the directory loads them instead of compiling them,"
          + " if it has the same engine settings (engine.stack, engine.fuel) and a processor of the"
          + " same kind: x86-64-v3, or any 64-bit ARM.",
      "Exits with 1 if a handler was refused, with 3 if a source cannot be read; the others are"
          + " compiled."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example, in an image that is built on the broker's:",
      "  wasm-broker precompile /opt/handlers-compiled -s registry.directory=/opt/handlers"
    })
final class PrecompileCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(paramLabel = "DIRECTORY", description = "Where to; created if it is missing.")
  private @Nullable Path directory;

  @Override
  public Integer call() throws IOException {
    options.putDefault("log.level", "error");
    var config = options.load();
    if (config.engineName() != EngineName.WASMTIME) {
      throw new UsageException("only the engine wasmtime can load what was compiled before");
    }
    var console = Console.of(Objects.requireNonNull(spec));
    var target = Objects.requireNonNull(directory);
    var listed = sources(config);
    var refused = new ArrayList<String>();
    var unreadable = new ArrayList<>(listed.problems());
    long bytes = 0;
    var releases = listed.sorted();
    try (var precompiler =
        Precompiler.open(config.engine(), Capabilities.STANDARD.functions(), target)) {
      for (var release : releases) {
        try {
          long size = precompiler.compile(listed.fetch(release).artifact().wasm());
          bytes += size;
          console.line("%s  %s".formatted(release.id(), HumanFormat.bytes(size)));
        } catch (ModuleRefusedException problem) {
          refused.add(problem(release, problem));
        } catch (ModuleSourceException problem) {
          unreadable.add(problem(release, problem));
        }
      }
    }
    refused.forEach(console::error);
    unreadable.forEach(console::error);
    console.line(
        "%d of %d compiled, %s; to be used by engine.compile-seed=%s"
            .formatted(
                releases.size() - refused.size() - (unreadable.size() - listed.problems().size()),
                releases.size(),
                HumanFormat.bytes(bytes),
                target));
    return exitCode(unreadable, refused);
  }

  private static ListedReleases sources(BrokerConfig config) {
    return ListedReleases.of(Modules.sources(config.registry(), config.engine().moduleBytes()));
  }

  private static int exitCode(List<String> unreadable, List<String> refused) {
    if (!unreadable.isEmpty()) {
      return ExitCode.UNAVAILABLE;
    }
    return refused.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String problem(Release release, Exception problem) {
    return "%s: %s".formatted(release.id(), problem.getMessage());
  }
}
