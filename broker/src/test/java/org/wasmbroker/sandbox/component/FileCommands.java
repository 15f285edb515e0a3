package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FileComponents;
import org.wasmbroker.testing.Outcomes;

/**
 * Runs commands of {@link FileComponents} with one directory, {@code /step}, of 20,000 bytes and 50
 * entries, in which there is the file {@code given} with ten digits.
 */
final class FileCommands implements AutoCloseable {
  static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));

  private final Engine engine =
      WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
  private final FileStore store =
      new FileStore(new FilesConfig(1 << 20), TimeSource.SYSTEM, EventSink.NONE);

  InvocationResult run(String code, String... names) {
    return run(DirectoryMode.READ_WRITE, LIMITS, code, names);
  }

  InvocationResult run(DirectoryMode mode, String code, String... names) {
    return run(mode, LIMITS, code, names);
  }

  InvocationResult run(DirectoryMode mode, Limits limits, String code, String... names) {
    return run(
        new GrantedDirectory("/step", mode, DirectorySource.INPUT, null),
        limits,
        FileComponents.command(code, names));
  }

  InvocationResult run(GrantedDirectory directory, Limits limits, WasmBinary component) {
    var step =
        Outcomes.step("files")
            .withDocument(Document.of("{\"config\":{\"files\":{\"/step/given\":\"0123456789\"}}}"));
    try (var module = engine.compile(component, limits);
        var files =
            store.open(
                new FilesGrant(20_000, 50, List.of(directory)), step, Outcomes.module("files"))) {
      return module.run(
          new Invocation(
              "files",
              step.document(),
              limits,
              new Cancellation(),
              GuestLog.NONE,
              new Access(Capabilities.STANDARD.basicFunctions(), List.of(files))));
    }
  }

  /** Runs it without a directory. */
  InvocationResult runWithoutFiles(String code, String... names) {
    try (var module = engine.compile(FileComponents.command(code, names), LIMITS)) {
      return module.run(
          new Invocation(
              "files",
              Document.of("{}"),
              LIMITS,
              new Cancellation(),
              GuestLog.NONE,
              Capabilities.STANDARD.basicAccess()));
    }
  }

  /** The memory that files of steps take. */
  long bytes() {
    return store.bytes();
  }

  static String output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return new String(((Completed) result).output().bytes(), StandardCharsets.UTF_8);
  }

  /** The name of the error code with which it ended. */
  static String error(InvocationResult result) {
    assertThat(result).isInstanceOf(GuestFailed.class);
    return List.of(FileErrorCode.values()).get(((GuestFailed) result).code() - 1).text();
  }

  /** How often a function of preview 1 was called without an error. */
  static long calls(InvocationResult result, String function) {
    return result.receipt().hostCalls().stream()
        .filter(count -> count.function().equals(function))
        .mapToLong(count -> count.allowed())
        .sum();
  }

  @Override
  public void close() {
    engine.close();
  }
}
