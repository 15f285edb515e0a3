package org.wasmbroker.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import org.slf4j.LoggerFactory;
import org.wasmbroker.app.HttpUnavailableException;
import org.wasmbroker.config.ConfigException;
import org.wasmbroker.embedded.EmbeddedPostgresException;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.sandbox.EngineUnavailableException;

/** Says what went wrong in words, without a stack trace, and which exit code it is. */
final class ErrorReporter {
  private ErrorReporter() {}

  static int report(Exception failure, PrintWriter err) {
    int code =
        switch (failure) {
          case ConfigException wrong -> ExitCode.USAGE;
          case UsageException wrong -> ExitCode.USAGE;
          case EngineUnavailableException missing -> ExitCode.UNAVAILABLE;
          case ProtocolException refused -> ExitCode.UNAVAILABLE;
          case SqlFailure refused -> ExitCode.UNAVAILABLE;
          case HttpUnavailableException taken -> ExitCode.UNAVAILABLE;
          case EmbeddedPostgresException missing -> ExitCode.UNAVAILABLE;
          case IOException unreadable -> ExitCode.UNAVAILABLE;
          default -> ExitCode.INTERNAL;
        };
    if (code == ExitCode.INTERNAL) {
      LoggerFactory.getLogger(WasmBroker.class).debug("the command failed", failure);
      err.println("wasm-broker: a fault of the broker's own: " + failure);
      err.println("Run it again with --set log.level=debug to see where.");
    } else {
      err.println("wasm-broker: " + message(failure));
    }
    err.flush();
    return code;
  }

  private static String message(Exception failure) {
    return failure instanceof NoSuchFileException missing
        ? "there is no file " + missing.getFile()
        : String.valueOf(failure.getMessage());
  }
}
