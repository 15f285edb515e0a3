package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
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

  private static String engine(EngineName name) {
    try (var engine = Engines.start(name, EngineConfig.of(1))) {
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
