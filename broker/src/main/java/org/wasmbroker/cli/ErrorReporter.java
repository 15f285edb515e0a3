package org.wasmbroker.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import org.slf4j.LoggerFactory;
import org.wasmbroker.app.HttpUnavailableException;
import org.wasmbroker.config.ConfigException;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.environment.UnusableTextException;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.project.ProjectException;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.publish.PackageRefusedException;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.sandbox.EngineUnavailableException;

/** Prints a failed command's error message, without a stack trace, and maps it to an exit code. */
final class ErrorReporter {
  private ErrorReporter() {}

  static int report(Exception failure, PrintWriter err) {
    int code =
        switch (failure) {
          case ConfigException wrong -> ExitCode.USAGE;
          case UsageException wrong -> ExitCode.USAGE;
          case ProjectException wrong -> ExitCode.USAGE;
          case PackageRefusedException refused -> ExitCode.FAILED;
          case ModuleSourceException refused -> ExitCode.FAILED;
          case UnusableTextException wrong -> ExitCode.USAGE;
          case InvalidPathException wrong -> ExitCode.USAGE;
          case OciException failed -> ExitCode.UNAVAILABLE;
          case EngineUnavailableException missing -> ExitCode.UNAVAILABLE;
          case ProtocolException refused -> ExitCode.UNAVAILABLE;
          case SqlFailure refused -> ExitCode.UNAVAILABLE;
          case HttpUnavailableException taken -> ExitCode.UNAVAILABLE;
          case UnavailableException missing -> ExitCode.UNAVAILABLE;
          case IOException unreadable -> ExitCode.UNAVAILABLE;
          default -> ExitCode.INTERNAL;
        };
    if (code == ExitCode.INTERNAL) {
      LoggerFactory.getLogger(WasmBroker.class).debug("the command failed", failure);
      err.println("wasm-broker: internal error: " + failure);
      err.println("Run it again with --set log.level=debug for the stack trace.");
    } else {
      err.println("wasm-broker: " + message(failure));
    }
    err.flush();
    return code;
  }

  static String message(Exception failure) {
    return switch (failure) {
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case AccessDeniedException denied -> "cannot read " + denied.getFile() + ": access denied";
      case InvalidPathException invalid -> ProcessText.problem(invalid);
      default -> String.valueOf(failure.getMessage());
    };
  }
}
