package org.wasmbroker.hostile;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.testing.MarkedSection;

/**
 * Measures the effect of every hostile guest on the steps next to it, and writes the table of
 * docs/security.md: {@code make security-table}. Takes several minutes per engine.
 *
 * <p>Good steps arrive on a queue in Postgres at a steady rate, alternating between turns alone and
 * turns next to an attack, so that both see the same conditions. The attack keeps one hostile step
 * running at all times: when one ends, the next starts.
 */
final class SecurityTable {
  private static final double MAX_RATIO = 2;
  private static final double MAX_GROWTH_MIB = 16;

  private static final Map<String, Function<EngineConfig, Engine>> ENGINES =
      new TreeMap<>(
          Map.of(
              "wasmtime",
              config -> WasmtimeEngine.start(config, Capabilities.STANDARD.functions()),
              "wasmtime-java",
              config -> WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions())));

  /** What the guests are when they attack. */
  private enum Way {
    MODULE,
    COMPONENT;

    static Way of(String name) {
      return Stream.of(values())
          .filter(way -> way.name().toLowerCase(Locale.ROOT).equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "security-table.way is module or component, not " + name));
    }

    Stream<HostileCase> cases(HostileServers peers) {
      return switch (this) {
        case MODULE -> HostileCases.all();
        case COMPONENT -> HostileComponents.all(peers);
      };
    }

    /** Those that run them. */
    Map<String, Function<EngineConfig, Engine>> engines() {
      return switch (this) {
        case MODULE -> ENGINES;
        case COMPONENT -> Map.of("wasmtime", Objects.requireNonNull(ENGINES.get("wasmtime")));
      };
    }
  }

  private SecurityTable() {}

  /**
   * @param arguments the milliseconds of each turn, then the names of cases to measure and print
   *     only those. With {@code -Dsecurity-table.way=component} the guests are components, which
   *     are measured on the engine that runs them, and printed only
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    logToFile(Path.of("target", "security-table.log"));
    var turn = Duration.ofMillis(arguments.length > 0 ? Long.parseLong(arguments[0]) : 500);
    var only = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    var table = new StringBuilder(machine());
    int bad = 0;
    var way = Way.of(System.getProperty("security-table.way", "module"));
    for (var engine : way.engines().entrySet()) {
      var rows = measure(engine.getValue(), way, turn, only);
      table.append(heading(engine.getKey()));
      rows.forEach(row -> table.append(row.tableRow()).append('\n'));
      bad += (int) rows.stream().filter(row -> !row.isWithin(MAX_RATIO, MAX_GROWTH_MIB)).count();
    }
    if (only.isEmpty() && way == Way.MODULE) {
      MarkedSection.of("security.md", "Measured, by `make security-table`.")
          .write(table.toString());
    }
    System.out.print(table);
    System.out.println(bad == 0 ? "\nall hold" : "\n" + bad + " do not hold");
    System.exit(bad == 0 ? 0 : 1);
  }

  private static List<AttackMeasurement> measure(
      Function<EngineConfig, Engine> start, Way way, Duration turn, List<String> only)
      throws IOException, InterruptedException {
    var rows = new ArrayList<AttackMeasurement>();
    var generated = Files.createTempDirectory("hostile-modules");
    try (var queue = new GoodQueue();
        var rig = new HostileRig(start, generated, queue.reports())) {
      queue.serve(rig.dispatcher());
      var attack = new Attack(rig, queue);
      attack.warmUp();
      for (var hostileCase : way.cases(rig.peers()).toList()) {
        if (only.isEmpty() || only.contains(hostileCase.name())) {
          var row = attack.measure(hostileCase, turn);
          System.err.println(row.tableRow());
          rows.add(row);
        }
      }
    } finally {
      GeneratedModules.delete(generated);
    }
    return rows;
  }

  private static String machine() {
    return "%n%d processors, Java %s. Latencies are in milliseconds, from a good step's arrival on the queue to its result on the other, and inside the broker from the dispatcher to the outcome: the 99th percentile of a turn, and of five turns the median.%n"
        .formatted(Runtime.getRuntime().availableProcessors(), Runtime.version().feature());
  }

  private static String heading(String engine) {
    return """

    **%s**

    | guest | expected end | seen end | alone | beside | ratio | inside alone | beside | ratio | memory before, MiB | after |
    |---|---|---|---|---|---|---|---|---|---|---|
    """
        .formatted(engine);
  }

  /** Guests' log lines are written as a broker does, but to a file. */
  private static void logToFile(Path file) throws IOException {
    Files.deleteIfExists(file);
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %msg %kvp%n%ex");
    encoder.start();
    var appender = new FileAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setFile(file.toString());
    appender.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.setLevel(Level.INFO);
    root.addAppender(appender);
  }
}
