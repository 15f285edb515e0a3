package org.wasmbroker.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

/**
 * What the JVM is shown for its AOT caches (scripts/aot-cache). For that of a broker: a step, the
 * start of a broker as far as it comes without a database, and the classes that it needs after
 * that. For that of short commands: a step, a session, and a client of the MCP server. The JVM
 * loads all classes of a cache at its start, so a short command has one without a broker's.
 */
public final class AotTraining {
  /** What a running broker needs most classes of. */
  private static final List<String> NEEDED =
      List.of(
          "org/wasmbroker/",
          "org/postgresql/",
          "com/zaxxer/hikari/",
          "org/flywaydb/",
          "io/micrometer/",
          "io/prometheus/");

  private AotTraining() {}

  /**
   * @param arguments a directory for temporary files, and {@code commands} for their cache
   */
  public static void main(String[] arguments) throws IOException {
    var directory = Path.of(arguments[0]);
    var step =
        Files.writeString(
            directory.resolve("step.json"), "{\"config\":{\"filter\":\".context\"},\"context\":1}");
    var cache = "engine.compile-cache=" + directory.resolve("compiled");
    int invoked =
        WasmBroker.execute(
            new String[] {"invoke", "transform", "-i", step.toString(), "--set", cache});
    if (arguments.length > 1) {
      serve(cache);
    } else {
      startBroker(cache);
      loadNeeded();
    }
    System.exit(invoked);
  }

  private static void startBroker(String cache) {
    // Nobody listens there.
    WasmBroker.execute(
        new String[] {
          "run",
          "--set",
          cache,
          "--set",
          "http.port=0",
          "--set",
          "database.url=jdbc:postgresql://127.0.0.1:1/none",
          "--set",
          "database.connect-timeout=1s"
        });
  }

  private static void serve(String cache) {
    serve(
        """
        {"id":1,"type":"write_file","path":"/data/a","content":"a"}
        {"id":2,"type":"read_file","path":"/data/a"}
        {"id":3,"type":"shell","command":"echo b a | sort"}
        {"id":4,"type":"status"}
        """,
        "session",
        "--set",
        cache);
    serve(
        """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"training","version":"1"}}}
        {"jsonrpc":"2.0","method":"notifications/initialized"}
        {"jsonrpc":"2.0","id":2,"method":"tools/list"}
        """,
        "mcp",
        "--stdio",
        "--set",
        cache);
  }

  /** A command that reads its requests from standard input, until that ends. */
  private static void serve(String requests, String... command) {
    var in = System.in;
    System.setIn(new ByteArrayInputStream(requests.getBytes(StandardCharsets.UTF_8)));
    WasmBroker.execute(command);
    System.setIn(in);
  }

  private static void loadNeeded() throws IOException {
    var location = AotTraining.class.getProtectionDomain().getCodeSource().getLocation();
    try (var jar = new JarFile(location.getPath())) {
      jar.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .filter(name -> NEEDED.stream().anyMatch(name::startsWith))
          .forEach(AotTraining::load);
    }
  }

  private static void load(String entry) {
    var name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
    try {
      var _ = Class.forName(name, false, AotTraining.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError withoutOptionalLibrary) {
      // It would not be loaded by a broker either.
    }
  }
}
