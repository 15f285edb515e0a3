package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.execution.StepRules.StartRecord;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class StepRunnerTest {
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofSeconds(5));

  private final List<String> saved = new ArrayList<>();
  private StepRules rules = StepRules.NONE;
  private final List<String> exceeded = new ArrayList<>();
  private final EventSink events =
      event -> {
        if (event instanceof StepEvent.LimitExceeded(_, String limit)) {
          exceeded.add(limit);
        }
      };
  private @Nullable JsonSchema output;
  private final ManualTime time = new ManualTime();
  private StepAccessFactory accesses = StepAccessFactory.BASIC;

  @Test
  void aCompletedStepCarriesItsResultAndReceipt() {
    time.advance(Duration.ofMillis(70));
    var outcome = run(FakeEngine.writing("{\"status\":\"completed\",\"result\":{\"a\": 1}}"));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Completed.class,
            completed -> {
              assertThat(completed.result()).isEqualTo(Document.of("{\"a\": 1}"));
              assertThat(completed.startedAt()).isEqualTo(time.now());
              assertThat(completed.receipt().module()).isEqualTo(Outcomes.module("h"));
              assertThat(completed.receipt().queueWait()).isEqualTo(Duration.ofMillis(70));
            });
  }

  @Test
  void aStepThatIsReadySinceTheBeginningOfTimeRunsAndItsWaitCanBeCounted() {
    for (var since : List.of(Instant.MIN, Instant.parse("0001-01-01T00:00:00Z"), Instant.MAX)) {
      var outcome = runner(invocation -> completed()).run(readySince(since), new Cancellation());

      assertThat(outcome)
          .isInstanceOfSatisfying(
              Outcome.Completed.class,
              completed -> assertThat(completed.receipt().queueWait().toNanos()).isNotNegative());
    }
  }

  @Test
  void theStartOfASuspectIsRecordedBeforeItsGuestRunsAndOfNoOtherStep() {
    var order = new ArrayList<String>();
    rules =
        new StepRules() {
          @Override
          public StartRecord recordStart(Step step) {
            order.add("recorded");
            return StartRecord.RECORDED;
          }
        };
    var runner =
        runner(
            invocation -> {
              order.add("run");
              return completed();
            });

    runner.run(Outcomes.step("h"), new Cancellation());
    assertThat(order).containsExactly("run");
    assertThat(runner.run(Outcomes.suspect("h", 1), new Cancellation()))
        .isInstanceOf(Outcome.Completed.class);
    assertThat(order).containsExactly("run", "recorded", "run");
  }

  @ParameterizedTest
  @EnumSource(names = {"LOST", "FAILED"})
  void aSuspectWhoseStartCannotBeRecordedDoesNotRun(StartRecord record) {
    rules =
        new StepRules() {
          @Override
          public StartRecord recordStart(Step step) {
            return record;
          }
        };
    var runner =
        runner(
            invocation -> {
              throw new AssertionError("it runs");
            });

    assertThat(runner.run(Outcomes.suspect("h", 1), new Cancellation())).isNull();
  }

  @Test
  void aResultThatViolatesTheManifestSchemaFailsTheStepPermanently() {
    output =
        JsonSchema.of(
            Document.of(
                "{\"required\":[\"a\"],\"properties\":{\"a\":{\"items\":{\"type\":\"integer\"}}}}"));

    assertThat(run(FakeEngine.writing("{\"status\":\"completed\",\"result\":{\"a\":[1,2]}}")))
        .isInstanceOf(Outcome.Completed.class);
    assertThat(run(FakeEngine.writing("{\"status\":\"completed\",\"result\":{\"a\":[1,\"2\"]}}")))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> {
              assertThat(failed.error().type()).isEqualTo("output_schema_violation");
              assertThat(failed.error().retryable()).isFalse();
              assertThat(failed.error().message())
                  .isEqualTo(
                      "the result does not match the output_schema of "
                          + Outcomes.module("h")
                          + "'s manifest: /a/1: expected \"integer\", found string (type)");
            });
  }

  @Test
  void theShorterOfStepTimeoutAndModuleLimitApplies() {
    var seen = new ArrayList<Limits>();
    var runner =
        runner(
            invocation -> {
              seen.add(invocation.limits());
              return completed();
            });

    runner.run(withTimeout(Duration.ofSeconds(60)), new Cancellation());
    runner.run(withTimeout(Duration.ofMillis(20)), new Cancellation());
    runner.run(withTimeout(Duration.ZERO), new Cancellation());

    assertThat(seen)
        .containsExactly(
            LIMITS, LIMITS.withTime(Duration.ofMillis(20)), LIMITS.withTime(Duration.ofMillis(1)));
  }

  @Test
  void aHandlersErrorIsTheStepsError() {
    var outcome =
        run(
            FakeEngine.writing(
                "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retryable\":true}}"));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.error()).isEqualTo(StepError.retryable("t", "m")));
  }

  @Test
  void aTrapIsPermanentWithItsKindAndBacktrace() {
    var error =
        permanentErrorOf(
            new InvocationResult.Trapped(
                TrapKind.UNREACHABLE, "wasm trap", List.of("0: run"), FakeEngine.receipt()));

    assertThat(error.type()).isEqualTo("trapped");
    assertThat(error.code()).isEqualTo("unreachable");
    assertThat(error.backtrace()).containsExactly("0: run");
  }

  @Test
  void anExitCodeIsPermanent() {
    var error =
        permanentErrorOf(new InvocationResult.GuestFailed(3, "exit code 3", FakeEngine.receipt()));

    assertThat(error.type()).isEqualTo("guest_failed");
    assertThat(error.code()).isEqualTo("3");
  }

  @Test
  void anExceededMemoryLimitIsPermanentAndCarriesItsNumbers() {
    var error =
        permanentErrorOf(
            new InvocationResult.LimitExceeded(
                LimitKind.MEMORY, 65_536, 131_072, FakeEngine.receipt()));

    assertThat(error.type()).isEqualTo("limit_exceeded");
    assertThat(error.code()).isEqualTo("memory");
    assertThat(error.context())
        .isEqualTo(new ErrorContext.ExceededLimit("memory", "bytes", 65536, 131072));
  }

  @Test
  void anExceededTimeLimitIsRetried() {
    var outcome =
        run(
            invocation ->
                new InvocationResult.LimitExceeded(LimitKind.TIME, 20, 21, FakeEngine.receipt()));

    assertThat(outcome).isInstanceOf(Outcome.Retry.class);
  }

  /** What a step did in its runs, as a capability knows it. */
  private static final class Deeds implements GuestCapability {
    boolean repeatable = true;
    boolean brokenClose;

    @Override
    public boolean isRepeatable() {
      return repeatable;
    }

    @Override
    public void checkpointSaved() {
      repeatable = true;
    }

    @Override
    public void close() {
      if (brokenClose) {
        throw new IllegalStateException("a bug");
      }
    }
  }

  private Deeds deeds() {
    var deeds = new Deeds();
    accesses = StepAccessFactory.BASIC.with(Capabilities.TIME, (granted, context) -> deeds);
    return deeds;
  }

  @Test
  void aStepThatDidWhatMustNotBeDoneTwiceIsNotRetriedForAnErrorThatItsHandlerDidNotChoose() {
    var deeds = deeds();
    rules = rulesAnswering(new StepRules.CheckpointResult.Failed("no connection"));
    var guests =
        List.<FakeEngine.Guest>of(
            invocation -> limitExceeded(LimitKind.TIME),
            invocation -> output("{\"status\":\"checkpoint\",\"cursor\":1}"),
            invocation -> {
              throw new IllegalStateException("a bug");
            },
            invocation -> {
              throw new StepRefusedException(StepError.retryable("files_unavailable", "no room"));
            });
    var types = List.of("limit_exceeded", "checkpoint_error", "broker_fault", "files_unavailable");

    for (int i = 0; i < guests.size(); i++) {
      deeds.repeatable = true;
      var repeatable = ((Outcome.Retry) run(guests.get(i))).error();
      deeds.repeatable = false;
      var failed = (Outcome.Failed) run(guests.get(i));

      assertThat(failed.exhausted()).isFalse();
      assertThat(failed.error().type()).isEqualTo(types.get(i)).isEqualTo(repeatable.type());
      assertThat(failed.error().retryable()).isFalse();
      assertThat(failed.error().context()).isEqualTo(repeatable.context());
      assertThat(failed.error().message())
          .startsWith(repeatable.message())
          .contains("idempotency key");
    }
  }

  @Test
  void aHandlerDecidesAboutItsOwnErrorsWhateverTheStepDid() {
    deeds().repeatable = false;

    var outcome =
        run(
            FakeEngine.writing(
                "{\"status\":\"failed\",\"error\":{\"type\":\"t\",\"message\":\"m\",\"retryable\":true}}"));

    assertThat(((Outcome.Retry) outcome).error()).isEqualTo(StepError.retryable("t", "m"));
  }

  @Test
  void whatWasDoneBeforeACheckpointIsNotRepeated() {
    var deeds = deeds();
    rules = savingRules();

    var outcome =
        run(
            invocation -> {
              if (invocation.input().text().equals("1")) {
                return limitExceeded(LimitKind.TIME);
              }
              deeds.repeatable = false;
              return output("{\"status\":\"checkpoint\",\"cursor\":1}");
            });

    assertThat(((Outcome.Retry) outcome).error().type()).isEqualTo("limit_exceeded");
  }

  @Test
  void aCapabilityThatDoesNotCloseChangesNoOutcome() {
    deeds().brokenClose = true;

    assertThat(run(invocation -> completed())).isInstanceOf(Outcome.Completed.class);
  }

  @Test
  void anInvalidResultDocumentIsPermanentAndNamesTheLocation() {
    var outcome = run(FakeEngine.writing("{\"status\":\"completed\",\"results\":1}"));

    var error = ((Outcome.Failed) outcome).error();
    assertThat(error.type()).isEqualTo("bad_result_document");
    assertThat(error.message()).contains("/results: is unknown");
  }

  @Test
  void aCheckpointFailsWhereTheProtocolDoesNotSupportIt() {
    var outcome = run(FakeEngine.writing("{\"status\":\"checkpoint\",\"cursor\":1}"));

    assertThat(((Outcome.Failed) outcome).error().type()).isEqualTo("checkpoint_not_supported");
  }

  @Test
  void aCheckpointIsSavedAndAFreshInstanceContinuesFromIt() {
    rules = savingRules();

    var outcome = (Outcome.Completed) run(this::countsToThree);

    assertThat(outcome.result().text()).isEqualTo("3");
    assertThat(saved).containsExactly("1 of 10", "2 of 20");
    assertThat(outcome.step().document()).isNotEqualTo(Document.of("2"));
    assertThat(outcome.receipt().execution())
        .isEqualTo(FakeEngine.receipt().execution().multipliedBy(3));
  }

  @Test
  void aStepLostAtItsCheckpointIsStoppedWithoutAnOutcome() {
    rules = rulesAnswering(new StepRules.CheckpointResult.Lost());

    assertThat(runner(this::countsToThree).run(Outcomes.step("h"), new Cancellation())).isNull();
  }

  @Test
  void aCheckpointThatCannotBeSavedFailsTheAttempt() {
    rules = rulesAnswering(new StepRules.CheckpointResult.Failed("no connection"));
    var outcome = (Outcome.Retry) run(this::countsToThree);

    assertThat(outcome.error().type()).isEqualTo("checkpoint_error");
  }

  @Test
  void everyExceededLimitIsReportedByName() {
    run(invocation -> limitExceeded(LimitKind.HOST_CALLS));
    run(
        invocation ->
            new InvocationResult.Trapped(
                TrapKind.STACK_OVERFLOW, "deep", List.of(), FakeEngine.receipt()));
    run(
        FakeEngine.writing(
            "{\"status\":\"failed\",\"error\":{\"type\":\"limit_exceeded\",\"message\":\"m\",\"code\":\"own\"}}"));

    assertThat(exceeded).containsExactly("host_calls", "stack");
  }

  private static InvocationResult limitExceeded(LimitKind kind) {
    return new InvocationResult.LimitExceeded(kind, 1, 2, FakeEngine.receipt());
  }

  @Test
  void aGuestThatOnlyWritesCheckpointsIsStopped() {
    rules = savingRules();

    var runs = new AtomicInteger();
    var outcome =
        run(
            invocation -> {
              runs.incrementAndGet();
              return output("{\"status\":\"checkpoint\",\"cursor\":1}");
            });

    assertThat(runs).hasValue(10_001);
    var error = ((Outcome.Failed) outcome).error();
    assertThat(error.type()).isEqualTo("limit_exceeded");
    assertThat(error.code()).isEqualTo("checkpoints");
    assertThat(Objects.requireNonNull(error.context()).document().text())
        .isEqualTo(
            "{\"limit\":\"checkpoints\",\"unit\":\"checkpoints\",\"allowed\":10000,\"used\":10001}");
  }

  @Test
  void aResultThatTheProtocolRejectsFailsTheStep() {
    rules =
        new StepRules() {
          @Override
          public StepError validateResult(Step step, Document result, NewWork allowed) {
            return StepError.permanent("bad", result.text());
          }
        };

    var outcome = (Outcome.Failed) run(invocation -> completed());

    assertThat(outcome.error().message()).isEqualTo("1");
  }

  /** A guest whose document is its cursor: 1, 2, and then the result 3. */
  private InvocationResult countsToThree(Invocation invocation) {
    var text = invocation.input().text();
    return switch (text) {
      case "1" -> output("{\"status\":\"checkpoint\",\"cursor\":2,\"items_processed\":20}");
      case "2" -> output("{\"status\":\"completed\",\"result\":3}");
      default -> output("{\"status\":\"checkpoint\",\"cursor\":1,\"items_processed\":10}");
    };
  }

  private static InvocationResult output(String text) {
    return new InvocationResult.Completed(Document.of(text), FakeEngine.receipt());
  }

  private StepRules savingRules() {
    return new StepRules() {
      @Override
      public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
        saved.add(checkpoint.cursor().text() + " of " + checkpoint.itemsProcessed());
        return new CheckpointResult.Saved(step.withDocument(checkpoint.cursor()));
      }
    };
  }

  private static StepRules rulesAnswering(StepRules.CheckpointResult progress) {
    return new StepRules() {
      @Override
      public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
        return progress;
      }
    };
  }

  @Test
  void anUnknownHandlerAndARefusedModuleArePermanent() {
    assertThat(error(ref -> new Resolution.Unknown("no handler is named 'h'")))
        .isEqualTo(StepError.permanent("unknown_handler", "no handler is named 'h'"));
    assertThat(error(ref -> new Resolution.Refused("h@1.0.0 cannot be used")))
        .isEqualTo(StepError.permanent("module_refused", "h@1.0.0 cannot be used"));
  }

  @Test
  void anInternalErrorIsRetriedAndAffectsNoOtherStep() {
    var outcome =
        run(
            invocation -> {
              throw new IllegalStateException("a bug");
            });

    assertThat(((Outcome.Retry) outcome).error().type()).isEqualTo("broker_fault");
  }

  @Test
  void aCancelledRunHasNoOutcome() {
    var outcome =
        runner(invocation -> new InvocationResult.Cancelled("why", FakeEngine.receipt()))
            .run(Outcomes.step("h"), new Cancellation());

    assertThat(outcome).isNull();
  }

  @Test
  void aStepKeepsItsModuleOverAllItsRunsAlthoughItIsReplacedMeanwhile() {
    rules = rulesAnswering(new StepRules.CheckpointResult.Saved(Outcomes.step("h")));
    var engine = new FakeEngine();
    var modules = new ArrayList<CompiledModule>();
    var runs = new AtomicInteger();
    engine.with(
        "h",
        invocation -> {
          if (runs.incrementAndGet() == 2) {
            return completed();
          }
          modules.getFirst().close();
          assertThat(engine.closed()).isEmpty();
          return output("{\"status\":\"checkpoint\",\"cursor\":1}");
        });
    modules.add(engine.compile(new WasmBinary(Document.of("h").bytes()), LIMITS));

    var outcome =
        runnerOf(ref -> resolved(modules.getFirst())).run(Outcomes.step("h"), new Cancellation());

    assertThat(outcome).isInstanceOf(Outcome.Completed.class);
    assertThat(engine.closed()).hasSize(1);
  }

  @Test
  void aStepWhoseModuleWasFreedBeforeItsStartGetsTheOneThatReplacedIt() {
    var engine = new FakeEngine().with("h", invocation -> completed());
    var replaced = engine.compile(new WasmBinary(Document.of("h").bytes()), LIMITS);
    replaced.close();
    var current = engine.compile(new WasmBinary(Document.of("h").bytes()), LIMITS);
    var answers = List.of(replaced, current).iterator();

    assertThat(
            runnerOf(ref -> resolved(answers.next())).run(Outcomes.step("h"), new Cancellation()))
        .isInstanceOf(Outcome.Completed.class);
  }

  @Test
  void aModuleThatIsAlwaysFreedFailsTheStepAndNotTheSlot() {
    var engine = new FakeEngine().with("h", invocation -> completed());
    var freed = engine.compile(new WasmBinary(Document.of("h").bytes()), LIMITS);
    freed.close();

    assertThat(runnerOf(ref -> resolved(freed)).run(Outcomes.step("h"), new Cancellation()))
        .isInstanceOf(Outcome.Retry.class);
  }

  private Resolution resolved(CompiledModule module) {
    return new Resolution.Resolved(Outcomes.module("h"), module, Grants.basic(LIMITS), output);
  }

  private StepError permanentErrorOf(InvocationResult result) {
    var failed = (Outcome.Failed) run(invocation -> result);
    assertThat(failed.error().retryable()).isFalse();
    assertThat(failed.exhausted()).isFalse();
    return failed.error();
  }

  private StepError error(HandlerResolver handlers) {
    var outcome = runnerOf(handlers).run(Outcomes.step("h"), new Cancellation());
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    return ((Outcome.Failed) Objects.requireNonNull(outcome)).error();
  }

  private Outcome run(FakeEngine.Guest guest) {
    return Objects.requireNonNull(runner(guest).run(Outcomes.step("h"), new Cancellation()));
  }

  private Runner runner(FakeEngine.Guest guest) {
    var module =
        new FakeEngine().with("h", guest).compile(new WasmBinary(Document.of("h").bytes()), LIMITS);
    return runnerOf(ref -> resolved(module));
  }

  private Runner runnerOf(HandlerResolver handlers) {
    var policy =
        new RetryPolicy(
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(2)), Duration.ofMinutes(1));
    return new Runner(new StepRunner(accesses, rules, policy, time, () -> 0.5, events), handlers);
  }

  private record Runner(StepRunner runner, HandlerResolver handlers) {
    @Nullable Outcome run(Step step, Cancellation cancellation) {
      return runner.run(step, () -> handlers.resolve(step.handler()), cancellation);
    }
  }

  private static InvocationResult completed() {
    return new InvocationResult.Completed(
        Document.of("{\"status\":\"completed\",\"result\":1}"), FakeEngine.receipt());
  }

  private static Step readySince(Instant since) {
    var any = Outcomes.step("h");
    return new Step(
        any.ids(),
        any.name(),
        any.handler(),
        any.attempt(),
        any.timeout(),
        any.document(),
        any.claim(),
        since,
        any.trace());
  }

  private static Step withTimeout(Duration timeout) {
    var any = Outcomes.step("h");
    return new Step(
        any.ids(),
        any.name(),
        any.handler(),
        any.attempt(),
        timeout,
        any.document(),
        any.claim(),
        any.readyAt(),
        any.trace());
  }
}
