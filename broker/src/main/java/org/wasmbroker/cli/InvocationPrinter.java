package org.wasmbroker.cli;

import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;

/** Prints one run for people: its output, how it ended, what it used. */
final class InvocationPrinter {
  private static final int MAX_MESSAGE_CHARS = 4000;

  private final Console console;

  InvocationPrinter(Console console) {
    this.console = console;
  }

  /**
   * Prints the result.
   *
   * @return the exit code that it means
   */
  int print(InvocationResult result) {
    return switch (result) {
      case Completed(var output, var receipt) -> completed(output);
      case GuestFailed(var code, var message, var receipt) -> failed("failed", message);
      case Trapped(var kind, var message, var backtrace, var receipt) -> {
        failed("trapped: " + kind.text(), message);
        backtrace.forEach(frame -> console.error("  at " + SafeText.sanitize(frame, 200)));
        yield ExitCode.FAILED;
      }
      case LimitExceeded exceeded -> failed("limit exceeded", exceeded.message());
      case Cancelled(var reason, var receipt) -> failed("cancelled", reason);
    };
  }

  /** Prints why the run's output was refused. */
  int print(StepError problem) {
    return failed(problem.type(), problem.message());
  }

  private int completed(Document output) {
    console.line(output.text());
    return ExitCode.OK;
  }

  private int failed(String how, String message) {
    console.error(console.failure(how) + " " + SafeText.sanitize(message, MAX_MESSAGE_CHARS));
    return ExitCode.FAILED;
  }

  /** Prints what the run used. */
  void print(Receipt receipt) {
    var module = receipt.module();
    if (module != null) {
      row("module", module.handler() + " " + module.version() + " sha256:" + module.digest());
    }
    row("engine", String.valueOf(receipt.engine()));
    row("instantiation", HumanFormat.duration(receipt.instantiation()));
    row("execution", HumanFormat.duration(receipt.execution()));
    row("memory high-water", HumanFormat.bytes(receipt.memoryHighWaterBytes()));
    row("bytes in, out", receipt.bytesIn() + ", " + receipt.bytesOut());
    row("host calls", hostCalls(receipt));
    var used = receipt.grantUse();
    if (used.httpCalls() > 0) {
      row(
          "requests",
          "%d, %s sent, %s received"
              .formatted(
                  used.httpCalls(),
                  HumanFormat.bytes(used.httpBytesSent()),
                  HumanFormat.bytes(used.httpBytesReceived())));
    }
    if (receipt.logLinesDropped() > 0) {
      row("log lines dropped", String.valueOf(receipt.logLinesDropped()));
    }
  }

  private void row(String name, String value) {
    console.error(console.dim("%-18s".formatted(name)) + value);
  }

  private static String hostCalls(Receipt receipt) {
    var calls = new StringBuilder();
    for (var count : receipt.hostCalls()) {
      calls.append(calls.isEmpty() ? "" : ", ").append(hostCall(count));
    }
    return calls.isEmpty() ? "none" : calls.toString();
  }

  private static String hostCall(HostCallCount count) {
    var text = count.function() + " " + count.total();
    return count.denied() + count.failed() == 0
        ? text
        : text + " (" + count.denied() + " denied, " + count.failed() + " failed)";
  }
}
