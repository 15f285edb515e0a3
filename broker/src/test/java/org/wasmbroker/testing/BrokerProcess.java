package org.wasmbroker.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.wasmbroker.cli.WasmBroker;
import org.wasmbroker.pgmq.DatabaseConfig;

/** The command line in a separate process, as an operator starts it. */
public final class BrokerProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http=\\S*?:(\\d+)");

  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private BrokerProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts {@code wasm-broker} with these arguments, on the class path of the tests, with the
   * documented role.
   */
  public static BrokerProcess start(TestDatabase database, String... arguments) {
    return start(database.brokerConfig(), arguments);
  }

  /** The same, as the role of this configuration. */
  public static BrokerProcess start(DatabaseConfig config, String... arguments) {
    var command = new ArrayList<>(command());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("WASM_BROKER_DATABASE_URL", config.url());
    builder.environment().put("WASM_BROKER_DATABASE_USER", Objects.requireNonNull(config.user()));
    if (config.password() != null) {
      builder.environment().put("WASM_BROKER_DATABASE_PASSWORD", config.password().reveal());
    }
    builder.environment().put("WASM_BROKER_HTTP_PORT", "0");
    try {
      return new BrokerProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What starts {@code wasm-broker}, without its arguments. */
  public static List<String> command() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx256m"));
    // It lives for seconds: what its code would gain from more is spent on getting there.
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(program());
    return List.copyOf(command);
  }

  /**
   * In a whole build the deployable jar with its AOT cache, which makes a start take half the time;
   * where only classes were compiled, those.
   */
  private static List<String> program() {
    var home = WasmBroker.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    if (!home.endsWith(".jar")) {
      var all = System.getProperty("java.class.path");
      return List.of("-cp", all, "org.wasmbroker.cli.WasmBroker");
    }
    var program = new ArrayList<>(AotCache.options());
    program.addAll(List.of("-jar", AotCache.JAR.toAbsolutePath().toString()));
    return program;
  }

  /** Reads the output until a line contains this; returns the line. */
  public String awaitLine(String part) {
    try {
      for (var line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (line.contains(part)) {
          return line;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("the process ended without '" + part + "':\n" + output());
  }

  /** Asks a broker that has said that it takes steps for its health and its metrics. */
  public static HealthClient health(String takingSteps) {
    var found = ADDRESS.matcher(takingSteps);
    if (!found.find()) {
      throw new AssertionError("no address: " + takingSteps);
    }
    return HealthClient.at(Integer.parseInt(found.group(1)));
  }

  /** SIGTERM. */
  public void terminate() {
    process.toHandle().destroy(); // Process.destroy would close the output as well
  }

  /** SIGKILL. */
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Reads the remaining output and waits for the process to exit. */
  public int awaitExit() throws InterruptedException {
    output.lines().forEach(lines::add);
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      throw new AssertionError("the process did not end:\n" + output());
    }
    return process.exitValue();
  }

  public String output() {
    return String.join("\n", lines);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
