package org.wasmbroker.registry.image;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;

/** The receipts of runs that had a preparation before them, or nothing after one. */
final class RunReceipts {
  private RunReceipts() {}

  /** A step pays for the preparation that it makes: it counts as instantiation. */
  static InvocationResult withPreparation(InvocationResult run, PreparationResult preparation) {
    var receipt = run.receipt();
    var before = preparation.receipt();
    return with(
        run,
        new Receipt(
            receipt.module(),
            receipt.engine(),
            receipt.queueWait(),
            receipt.permitWait().plus(before.permitWait()),
            receipt.instantiation().plus(before.instantiation()).plus(before.execution()),
            receipt.execution(),
            receipt.memoryHighWaterBytes(),
            receipt.hostCalls(),
            receipt.bytesIn(),
            receipt.bytesOut(),
            receipt.logLinesDropped(),
            receipt.grantUse(),
            receipt.prepared(),
            receipt.recording()));
  }

  /** Of a run that ended in its preparation. */
  static InvocationResult ofPreparation(InvocationResult failure, Invocation invocation) {
    var used = failure.receipt();
    return with(
        failure,
        new Receipt(
            null,
            used.engine(),
            Duration.ZERO,
            used.permitWait(),
            used.instantiation(),
            used.execution(),
            used.memoryHighWaterBytes(),
            used.hostCalls(),
            invocation.input().size(),
            0,
            used.logLinesDropped(),
            GrantUsage.NONE,
            used.prepared(),
            used.recording()));
  }

  /** Of a run for which no guest was created, since it is known how it would end. */
  static InvocationResult ofRemembered(InvocationResult failure, Invocation invocation) {
    return with(
        failure,
        new Receipt(
            null,
            failure.receipt().engine(),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            0,
            List.of(),
            invocation.input().size(),
            0,
            0,
            GrantUsage.NONE));
  }

  private static InvocationResult with(InvocationResult result, Receipt receipt) {
    return switch (result) {
      case InvocationResult.Completed(var output, _) ->
          new InvocationResult.Completed(output, receipt);
      case InvocationResult.GuestFailed(int code, var message, _) ->
          new InvocationResult.GuestFailed(code, message, receipt);
      case InvocationResult.Trapped(var kind, var message, var backtrace, _) ->
          new InvocationResult.Trapped(kind, message, backtrace, receipt);
      case InvocationResult.LimitExceeded(var limit, long allowed, long used, _) ->
          new InvocationResult.LimitExceeded(limit, allowed, used, receipt);
      case InvocationResult.Cancelled(var reason, _) ->
          new InvocationResult.Cancelled(reason, receipt);
    };
  }
}
