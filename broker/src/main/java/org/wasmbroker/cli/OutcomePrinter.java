package org.wasmbroker.cli;

import java.util.stream.Collectors;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;

/**
 * Shows a step's outcome: its result or error on standard output, for programs; on standard error,
 * for people, why it failed and what it used.
 */
final class OutcomePrinter {
  private static final int MAX_MESSAGE_CHARS = 4000;

  private final Console console;

  OutcomePrinter(Console console) {
    this.console = console;
  }

  /**
   * Prints the outcome.
   *
   * @return the exit code that it means
   */
  int print(Outcome outcome) {
    console.line(StepExecutionResult.summary(outcome));
    int code =
        switch (outcome) {
          case Outcome.Completed _ -> ExitCode.OK;
          case Outcome.Failed failed -> explain(failed.error());
          case Outcome.Retry retry -> explain(retry.error());
        };
    print(outcome.receipt());
    return code;
  }

  /** Why the step failed, on standard error. */
  int explain(StepError error) {
    var message = SafeText.sanitize(error.message(), MAX_MESSAGE_CHARS);
    console.error(console.failure(SafeText.sanitize(error.type(), 200)) + " " + message);
    error.backtrace().forEach(frame -> console.error("  at " + SafeText.sanitize(frame, 200)));
    return ExitCode.FAILED;
  }

  /** What the step used, on standard error. */
  void print(Receipt receipt) {
    var module = receipt.module();
    if (module == null) {
      return; // nothing ran
    }
    row("module", module.handler() + " " + module.version() + " sha256:" + module.digest());
    row("engine", String.valueOf(receipt.engine()));
    row("instantiation", HumanFormat.duration(receipt.instantiation()));
    row("execution", HumanFormat.duration(receipt.execution()));
    row("prepared", receipt.prepared() ? "yes" : "no");
    row("memory high-water", HumanFormat.bytes(receipt.memoryHighWaterBytes()));
    row("bytes in, out", receipt.bytesIn() + ", " + receipt.bytesOut());
    row("host calls", hostCalls(receipt));
    for (var usage : receipt.grantUse().used()) {
      row(usage.capability(), counts(usage));
    }
    if (receipt.logLinesDropped() > 0) {
      row("log lines dropped", String.valueOf(receipt.logLinesDropped()));
    }
  }

  private static String counts(CapabilityUsage usage) {
    return usage.counts().entrySet().stream()
        .map(count -> count.getKey().replace('_', ' ') + " " + count.getValue())
        .collect(Collectors.joining(", "));
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
