package org.wasmbroker.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;

/** Outcomes of steps, made up. */
public final class Outcomes {
  public static final EngineInfo ENGINE = new EngineInfo("wasmtime", "1.2.3");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Outcomes() {}

  public static Step step(String handler) {
    return step(new StepId(UUID.randomUUID()), handler, TraceContext.NONE);
  }

  /** A step of which so many claims were lost after it had started; not a suspect if none. */
  public static Step suspect(String handler, int lostStarts) {
    return step(new StepId(UUID.randomUUID()), handler, TraceContext.NONE, lostStarts);
  }

  public static Step step(StepId id, String handler, TraceContext trace) {
    return step(id, handler, trace, 0);
  }

  private static Step step(StepId id, String handler, TraceContext trace, int lostStarts) {
    return new Step(
        new StepIds(id, null, null),
        handler,
        HandlerRef.parse(handler),
        new Attempt(1, 3),
        Duration.ofSeconds(30),
        Document.EMPTY,
        new Claimed(UUID.randomUUID(), lostStarts),
        START,
        trace);
  }

  public static ModuleId module(String handler) {
    return new ModuleId(handler, "1.0.0", Digest.of(Document.of(handler).bytes()));
  }

  public static Receipt receipt(String handler, HostCallCount... calls) {
    return new Receipt(
        module(handler),
        ENGINE,
        Duration.ofMillis(7),
        Duration.ofNanos(12_000),
        Duration.ofMillis(3),
        2 << 20,
        List.of(calls),
        100,
        200,
        0,
        GrantUsage.NONE);
  }

  public static Outcome completed(Receipt receipt) {
    return new Outcome.Completed(step("transform"), Document.of("{}"), START, receipt);
  }

  public static Outcome failed(String type, Receipt receipt) {
    return new Outcome.Failed(
        step("transform"), StepError.permanent(type, "it did"), false, START, receipt);
  }

  public static Outcome exhausted(String type, Receipt receipt) {
    return new Outcome.Failed(
        step("transform"), StepError.retryable(type, "it did"), true, START, receipt);
  }

  public static Outcome retry(String type, Receipt receipt) {
    return new Outcome.Retry(
        step("transform"),
        StepError.retryable(type, "it did"),
        Duration.ofSeconds(1),
        START,
        receipt);
  }

  /** The step completed, with a small result. */
  public static Outcome completed(Step step) {
    return new Outcome.Completed(
        step, Document.of("{\"ok\":true}"), START, Receipt.none(Duration.ZERO));
  }

  /** The step failed permanently. */
  public static Outcome failed(Step step) {
    return new Outcome.Failed(
        step,
        StepError.permanent("bad_input", "the input is bad"),
        false,
        START,
        Receipt.none(Duration.ZERO));
  }

  /** The step failed at its last attempt. */
  public static Outcome exhausted(Step step) {
    return new Outcome.Failed(
        step, StepError.retryable("busy", "try again"), true, START, Receipt.none(Duration.ZERO));
  }

  /** The step is retried. */
  public static Outcome retry(Step step, Duration delay) {
    return new Outcome.Retry(
        step, StepError.retryable("busy", "try again"), delay, START, Receipt.none(Duration.ZERO));
  }

  private record Claimed(UUID id, int lostStarts) implements Claim {}
}
