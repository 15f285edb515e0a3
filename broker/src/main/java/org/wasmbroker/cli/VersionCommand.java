package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the versions of the broker and what it is built on. */
@Command(
    name = "version",
    description = "Print the versions of the broker, its engines and the guest ABI.",
    mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer>, IVersionProvider {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public String[] getVersion() {
    return new String[] {
      "wasm-broker  " + BrokerVersion.text(),
      "guest ABI    v1",
      "engine       " + engine(EngineName.WASMTIME),
      "             " + engine(EngineName.WASMTIME_JAVA),
      "Java         " + Runtime.version()
    };
  }

  /** A library that the environment names, as an image does, is the one that a broker would use. */
  private static String engine(EngineName name) {
    var library = ProcessText.environment().get("WASM_BROKER_ENGINE_LIBRARY");
    var config = EngineConfig.of(1).withLibrary(library == null ? null : ProcessText.path(library));
    try (var engine = Engines.start(name, config)) {
      return engine.info().toString();
    } catch (EngineUnavailableException missing) {
      return String.valueOf(missing.getMessage());
    }
  }

  @Override
  public Integer call() {
    var console = Console.of(Objects.requireNonNull(spec));
    for (var line : getVersion()) {
      console.line(line);
    }
    return ExitCode.OK;
  }
}
