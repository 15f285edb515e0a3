package org.wasmbroker.bench.compare;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A built checkout of the broker.
 *
 * @param label how it is called in the output: today, then
 * @param home the checkout's directory, which has {@code ./wasm-broker}
 * @param work a directory of its own for what its processes write
 */
record Build(String label, Path home, Path work) {
  /** Modules that were compiled once, as on a machine on which the broker has run before. */
  Path compiled() {
    return work.resolve("compiled");
  }

  /**
   * Starts its launcher, which replaces itself by the JVM.
   *
   * @param settings keys of the configuration, such as {@code dispatch.slots}
   * @param output what it writes to standard output
   * @param errors what it writes to standard error
   */
  Process start(List<String> arguments, Map<String, String> settings, File output, File errors)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(home.resolve("wasm-broker").toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(work.toFile());
    builder.redirectOutput(output).redirectError(errors);
    builder.redirectInput(Path.of("/dev/null").toFile());
    var environment = builder.environment();
    environment
        .keySet()
        .removeIf(name -> name.startsWith("WASM_BROKER_") || name.startsWith("OTEL_"));
    environment.putIfAbsent("WASM_BROKER_ENGINE_COMPILE_CACHE", compiled().toString());
    settings.forEach((key, value) -> environment.put(variable(key), value));
    return builder.start();
  }

  static String variable(String key) {
    return "WASM_BROKER_"
        + key.toUpperCase(java.util.Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
