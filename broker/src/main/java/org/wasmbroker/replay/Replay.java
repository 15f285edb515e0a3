package org.wasmbroker.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityGrants;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.capability.CapabilityRequests;
import org.wasmbroker.capability.CommandGrant;
import org.wasmbroker.execution.RetryPolicy;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.secret.StandInSecrets;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** Runs a recorded step with the recorded answers. */
public final class Replay {
  private final Recording recording;
  private final RetryPolicy retries;
  private final long threadStackBytes;

  /**
   * @param retries its delays are not compared
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   */
  public Replay(Recording recording, RetryPolicy retries, long threadStackBytes) {
    this.recording = recording;
    this.retries = retries;
    this.threadStackBytes = threadStackBytes;
  }

  /**
   * @param module compiled for {@code limits}; normally the recorded one
   * @param limits normally the recorded ones
   * @param trace gets a line for each answer that the guest gets
   */
  public ReplayResult run(CompiledModule module, Limits limits, Consumer<String> trace) {
    var answers = new Answers(recording.entries(), timeUp() != null, trace);
    var secrets = new ReplaySecrets(answers, new StandInSecrets(recording.secrets()));
    var accesses =
        StepAccessFactory.BASIC
            .with(Capabilities.SECRETS, (_, _) -> secrets)
            .with(
                Capabilities.HTTP,
                (_, context) ->
                    new ReplayHttp(
                        answers, context.open(Capabilities.SECRETS, ReplaySecrets.class)))
            .with(Capabilities.CACHE, (_, _) -> new ReplayCache(answers, secrets))
            .with(
                Capabilities.FILES,
                (_, context) -> ReplayFiles.open(answers, context.step(), context.module()));
    var tape = new ReplayTape(answers, timeUp(), recording.work().ids().step().hashCode());
    var invoker =
        new StepInvoker(
            retries,
            threadStackBytes,
            accesses,
            new ReplayRules(answers, secrets),
            _ -> new ReplayLog(answers),
            (_, _, access) -> new WithTape(access, tape));
    var outcome = invoker.run(step(), resolved(module, limits));
    var comparison = new EndComparison(recording, outcome, tape.endedRun());
    answers.finish(comparison.isWhole());
    var differences = new ArrayList<>(comparison.differences());
    if (answers.loggedOtherwise() && comparison.notes().isEmpty()) {
      differences.add(
          new ReplayDifference("log", "the lines of the recording", "others, or at other times"));
    }
    return new ReplayResult(outcome, differences, answers.departures(), comparison.notes());
  }

  private Step step() {
    var work = recording.work();
    return StepInvoker.step(
        work.ids(), work.name(), work.handler(), work.attempt(), work.timeout(), work.input());
  }

  private Resolved resolved(CompiledModule module, Limits limits) {
    var recorded = recording.work().module();
    var terms = recording.terms();
    var schema = terms.outputSchema();
    return new Resolved(
        new ModuleId(recorded.handler(), recorded.version(), module.digest()),
        module,
        grants(terms, limits),
        schema == null ? null : JsonSchema.of(schema));
  }

  /** Those of the recording; what they are worth is in the answers. */
  private Grants grants(Recording.Terms terms, Limits limits) {
    var table = Capabilities.STANDARD;
    var capabilities =
        CapabilityGrants.of(
                table,
                CapabilityRequests.defaults(table),
                CapabilityPermits.merge(table, List.of()))
            .with(Capabilities.TIME, terms.timeResolution())
            .with(Capabilities.FILES, ReplayFiles.granted(recording.entries()))
            .with(Capabilities.COMMAND, CommandGrant.ofSummary(terms.grants()));
    return new Grants(
        Set.copyOf(terms.functions()),
        capabilities,
        ResourceClassName.TEXT,
        limits,
        terms.newWork(),
        null,
        terms.grants());
  }

  /** How the recorded step ended if it ran out of time. */
  private StopReason.@Nullable LimitExceeded timeUp() {
    var error = recording.end().error();
    return error != null
            && error.context() instanceof ErrorContext.ExceededLimit up
            && up.limit().equals(ErrorContext.ExceededLimit.TIME)
        ? new StopReason.LimitExceeded(LimitKind.TIME, up.allowed(), up.used())
        : null;
  }

  /** Gives the recorded clocks to the guests of a step. */
  private record WithTape(Access given, ReplayTape tape) implements StepRecorder.StepRecording {
    @Override
    public Access access() {
      var capabilities = new ArrayList<GuestCapability>(given.capabilities());
      capabilities.add(tape);
      return new Access(given.functions(), capabilities);
    }

    @Override
    public StepRules rules(StepRules rules) {
      return rules;
    }

    @Override
    public Function<Step, GuestLog> logs(Function<Step, GuestLog> logs) {
      return logs;
    }

    @Override
    public Outcome end(Outcome outcome) {
      return outcome;
    }
  }
}
