package org.wasmbroker.project;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.step.SafeText;

/** A build, as a process that ends with its children. */
final class BuildProcess {
  private static final int MAX_LINE_CHARS = 2000;
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final long POLL_MILLIS = 50;

  private BuildProcess() {}

  /**
   * Runs it to its end.
   *
   * @return its exit code; empty if it was stopped
   */
  static OptionalInt run(
      HandlerProject project,
      Map<String, String> environment,
      Consumer<String> output,
      BooleanSupplier stopped)
      throws IOException {
    var builder =
        new ProcessBuilder(project.build())
            .directory(project.directory().toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    process.getOutputStream().close();
    var reader = Thread.ofVirtual().name("build-output").start(() -> copy(process, output));
    try {
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (stopped.getAsBoolean()) {
          end(process);
          return OptionalInt.empty();
        }
      }
      Threads.joinUninterruptibly(reader);
      return OptionalInt.of(process.exitValue());
    } catch (InterruptedException interrupted) {
      end(process);
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  private static void copy(Process process, Consumer<String> output) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .forEach(line -> output.accept(SafeText.sanitize(line, MAX_LINE_CHARS).stripTrailing()));
    } catch (IOException | UncheckedIOException ended) {
      // what a process that was ended had still to say does not matter
    }
  }

  private static void end(Process process) {
    var all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroy);
    try {
      process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
