package org.wasmbroker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * How long the deployable jar takes from the start of its process until {@code /health/ready} says
 * so, and until all its modules are loaded: with the bundled modules only, and with many of its
 * own, which are in the compile cache; with and without the AOT cache of its classes.
 */
public final class ColdStartBenchmark {
  private static final Pattern ADDRESS = Pattern.compile("http=\"?[^ \"]*:(\\d+)");
  private static final String LOADED = "module loaded";

  private ColdStartBenchmark() {}

  /**
   * @param arguments the number of modules, the bundled handler that they are made of, the number
   *     of rounds, the jar, and its AOT cache
   */
  public static void main(String[] arguments) throws Exception {
    int modules = Integer.parseInt(arguments[0]);
    var bundled = arguments[1];
    int rounds = Integer.parseInt(arguments[2]);
    var root = Files.createTempDirectory("wasm-broker-cold-start-");
    var own = Files.createDirectories(root.resolve("handlers"));
    var none = Files.createDirectories(root.resolve("none"));
    ManyModules.write(own, bundled, modules);
    System.out.printf("%nCold start, %d modules of %s%n", modules, bundled);
    try (var postgres = EmbeddedPostgres.start()) {
      var plain = List.of("-jar", arguments[3]);
      var cached = List.of("-XX:AOTCache=" + arguments[4], "-Xlog:disable", "-jar", arguments[3]);
      start(postgres, root, own, modules, plain); // compiles them
      for (var program : List.of(plain, cached)) {
        System.out.println(program.equals(plain) ? "without the AOT cache" : "with the AOT cache");
        report("bundled modules only", rounds, () -> start(postgres, root, none, 0, program));
        report(
            modules + " modules more", rounds, () -> start(postgres, root, own, modules, program));
      }
    }
  }

  /**
   * @param ready from the start of the process
   * @param cpu what the process had used by then, on all processors
   * @param loaded like {@code ready}, of the last module
   */
  private record Start(Duration ready, Duration cpu, Duration loaded) {}

  @FunctionalInterface
  private interface Round {
    Start run() throws Exception;
  }

  private static void report(String what, int rounds, Round round) throws Exception {
    var ready = new long[rounds];
    var cpu = new long[rounds];
    var loaded = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      var start = round.run();
      ready[i] = start.ready().toMillis();
      cpu[i] = start.cpu().toMillis();
      loaded[i] = start.loaded().toMillis();
    }
    Arrays.sort(ready);
    Arrays.sort(cpu);
    Arrays.sort(loaded);
    System.out.printf(
        Locale.ROOT,
        "%-22s ready %5d ms (%d to %d) and %d ms of CPU, all loaded %5d ms (%d to %d)%n",
        what,
        ready[rounds / 2],
        ready[0],
        ready[rounds - 1],
        cpu[rounds / 2],
        loaded[rounds / 2],
        loaded[0],
        loaded[rounds - 1]);
  }

  private static Start start(
      EmbeddedPostgres postgres, Path root, Path handlers, int modules, List<String> program)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    var process = command(postgres, root, handlers, program).start();
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      var log = new LogReader(output);
      int port = log.port();
      awaitReady(port);
      var ready = Duration.ofNanos(System.nanoTime() - begin);
      var cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
      log.awaitLoaded(modules + ManyModules.bundled());
      return new Start(ready, cpu, Duration.ofNanos(System.nanoTime() - begin));
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  private static ProcessBuilder command(
      EmbeddedPostgres postgres, Path root, Path handlers, List<String> program) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseParallelGC"));
    command.addAll(program);
    command.add("run");
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var environment = builder.environment();
    environment.put("WASM_BROKER_DATABASE_URL", postgres.jdbcUrl());
    environment.put("WASM_BROKER_DATABASE_USER", postgres.user());
    environment.put("WASM_BROKER_DATABASE_PASSWORD", postgres.password());
    environment.put("WASM_BROKER_HTTP_PORT", "0");
    environment.put("WASM_BROKER_REGISTRY_DIRECTORY", handlers.toString());
    environment.put("WASM_BROKER_ENGINE_COMPILE_CACHE", root.resolve("compiled").toString());
    return builder;
  }

  private static void awaitReady(int port) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready")).build();
    try (var client = HttpClient.newHttpClient()) {
      while (client.send(request, BodyHandlers.discarding()).statusCode() != 200) {
        Thread.sleep(5);
      }
    }
  }

  /** What a broker logs, which is all of its output. */
  private static final class LogReader {
    private final BufferedReader output;
    private int loaded;

    LogReader(BufferedReader output) {
      this.output = output;
    }

    int port() throws IOException {
      while (true) {
        var line = next();
        var address = ADDRESS.matcher(line);
        if (line.contains("taking steps") && address.find()) {
          return Integer.parseInt(address.group(1));
        }
      }
    }

    void awaitLoaded(int modules) throws IOException {
      while (loaded < modules) {
        next();
      }
    }

    private String next() throws IOException {
      var line = output.readLine();
      if (line == null) {
        throw new IOException("the broker ended before it had loaded its modules");
      }
      loaded += line.contains(LOADED) ? 1 : 0;
      return line;
    }
  }
}
