package org.wasmbroker.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A running {@code wasm-broker run}. */
final class BrokerProcess implements AutoCloseable {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private static final Pattern ADDRESS = Pattern.compile("http=\"?[^ \"]*:(\\d+)");

  private final Process process;
  private final Path log;

  private BrokerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts it; it serves health and metrics on a free port. */
  static BrokerProcess start(Build build, Map<String, String> settings) throws IOException {
    var all = new TreeMap<>(settings);
    all.putIfAbsent("http.port", "0");
    var log = Files.createTempFile(build.work(), "broker-", ".log");
    var process = build.start(List.of("run"), all, log.toFile(), errors(log).toFile());
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new BrokerProcess(process, errors(log));
  }

  private static Path errors(Path log) {
    return log.resolveSibling(log.getFileName() + ".err");
  }

  long pid() {
    return process.pid();
  }

  Duration processorTime() {
    return ProcessorTime.of(process.pid());
  }

  /** The largest resident memory so far, in bytes. */
  long peakMemory() {
    try {
      for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
      throw new IllegalStateException("no VmHWM");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it serves health and metrics, once it takes steps. */
  int port() {
    try {
      for (var line : Files.readAllLines(log)) {
        var address = ADDRESS.matcher(line);
        if (line.contains("taking steps") && address.find()) {
          return Integer.parseInt(address.group(1));
        }
      }
      throw new IllegalStateException(
          "the log does not say where it serves metrics:\n" + tail(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether its log says so. */
  boolean takesSteps() {
    return logged("taking steps") > 0;
  }

  /** How many lines of its log have this text. */
  long logged(String text) {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(text)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Throws with the end of its log if it has ended. */
  void check() {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the broker ended with %d:%n%s".formatted(process.exitValue(), tail(log)));
    }
  }

  static String tail(Path log) {
    try {
      var lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /** Stops it as an operator would. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
