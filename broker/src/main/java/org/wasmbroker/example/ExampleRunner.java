package org.wasmbroker.example;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.execution.RetryPolicy;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.step.HandlerRef;

/**
 * Runs examples one at a time, each in a fresh instance. A step of an example has one attempt, and
 * the limits and grants of its module.
 */
public final class ExampleRunner {
  private final RetryPolicy retries;
  private final long threadStackBytes;
  private final StepAccessFactory accesses;

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param accesses opens what a guest may reach; without services, all that it requests is denied
   */
  public ExampleRunner(RetryPolicy retries, long threadStackBytes, StepAccessFactory accesses) {
    this.retries = retries;
    this.threadStackBytes = threadStackBytes;
    this.accesses = accesses;
  }

  public ExampleOutcome run(Example example, HandlerRef handler, Resolution module) {
    List<LogLine> log = new ArrayList<>();
    var invoker =
        new StepInvoker(
            retries,
            threadStackBytes,
            accesses,
            _ -> (level, message, fields) -> log.add(new LogLine(level, message, fields)));
    var outcome = invoker.run(handler, module, example.input());
    return new ExampleOutcome(
        example, outcome, OutcomeComparison.of(example.expect(), outcome), log);
  }
}
