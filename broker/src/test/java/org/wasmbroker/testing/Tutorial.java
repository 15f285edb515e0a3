package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.cli.WasmBroker;
import org.wasmbroker.pgmq.DatabaseConfig;

/** The commands of the tutorial in docs/publish.md, and a shell that runs them in a directory. */
public final class Tutorial {
  private static final Path DOCUMENT = Path.of("..", "docs", "publish.md");
  private static final String HEADING = "## From nothing to a step: five commands\n";
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

  /**
   * Far away: the last command waits for a result, for ever if the broker in the background has
   * ended.
   */
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private final Path directory;
  private final Map<String, String> environment;

  /**
   * @param directory in which the commands run
   * @param environment of the commands, which is added to that of this process
   */
  public Tutorial(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
  }

  /** How a shell ended, and all that its commands printed. */
  public record Ended(int exitCode, String output) {}

  /** The five commands. */
  public static List<String> commands() {
    return block(0);
  }

  /** What replaces the last two of them without a database. */
  public static List<String> withoutDatabase() {
    return block(1);
  }

  private static List<String> block(int number) {
    try {
      var text = Files.readString(DOCUMENT);
      var section = text.substring(text.indexOf(HEADING) + HEADING.length());
      var blocks =
          BLOCK
              .matcher(section.substring(0, section.indexOf("\n## ")))
              .results()
              .map(block -> block.group(1))
              .toList();
      return blocks.get(number).lines().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Runs commands that need no database in one shell, up to the first that fails. */
  public Ended run(List<String> commands) {
    return run(commands, Map.of());
  }

  /** Runs commands in one shell, up to the first that fails; what runs in the background ends. */
  public Ended run(List<String> commands, DatabaseConfig database) {
    var variables = new HashMap<String, String>();
    variables.put("WASM_BROKER_DATABASE_URL", database.url());
    variables.put("WASM_BROKER_DATABASE_USER", Objects.requireNonNull(database.user()));
    if (database.password() != null) {
      variables.put("WASM_BROKER_DATABASE_PASSWORD", database.password().reveal());
    }
    return run(commands, variables);
  }

  private Ended run(List<String> commands, Map<String, String> further) {
    var script = new ArrayList<String>();
    script.add("set -euo pipefail");
    script.add("trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT");
    script.addAll(commands);
    try {
      var programs = programs();
      var output = programs.resolve("output");
      var builder =
          new ProcessBuilder("bash", "-c", String.join("\n", script))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      var variables = builder.environment();
      variables.putAll(environment);
      variables.put("PATH", programs + ":" + variables.get("PATH"));
      variables.putAll(further);
      variables.put("WASM_BROKER_HTTP_PORT", "0");
      var process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(
            "the commands did not end in %d minutes; until then:%n%s"
                .formatted(LIMIT.toMinutes(), Files.readString(output)));
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }

  /** A directory with the program {@code wasm-broker}: this build of it. */
  private Path programs() throws IOException {
    var programs = Files.createDirectories(directory.resolve(".bin"));
    var launcher =
        Files.writeString(
            programs.resolve("wasm-broker"),
            """
            #!/bin/sh
            exec '%s' --enable-native-access=ALL-UNNAMED -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
              -cp '%s' org.wasmbroker.cli.WasmBroker "$@"
            """
                .formatted(Path.of(System.getProperty("java.home"), "bin", "java"), classPath()));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    return programs;
  }

  /** As the commands need it in another directory. */
  private static String classPath() {
    var entries =
        Pattern.compile(":")
            .splitAsStream(System.getProperty("java.class.path"))
            .map(entry -> Path.of(entry).toAbsolutePath())
            .toList();
    var source = WasmBroker.class.getProtectionDomain().getCodeSource();
    var broker = Objects.requireNonNull(source, "where the broker's classes are").getLocation();
    if (entries.stream().noneMatch(entry -> entry.toUri().getPath().equals(broker.getPath()))) {
      throw new AssertionError(
          "the property java.class.path, with which the commands are started, lacks %s: %s"
              .formatted(broker, entries));
    }
    return entries.stream().map(Path::toString).collect(Collectors.joining(":"));
  }
}
