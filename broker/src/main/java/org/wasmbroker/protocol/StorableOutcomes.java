package org.wasmbroker.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;

/**
 * Writes outcomes of which Postgres may not be able to store some: a guest can write a NUL
 * character, or a number of a million digits.
 */
public final class StorableOutcomes {
  private static final Logger log = LoggerFactory.getLogger(StorableOutcomes.class);

  private StorableOutcomes() {}

  /**
   * Writes the outcomes in one transaction. If Postgres cannot store one, it is found by halving,
   * and its step fails; the others are written, in more than one transaction this once.
   *
   * @param write writes all or none, and answers the claims that were lost
   * @return the claims that were lost
   */
  public static Set<Claim> write(
      List<Outcome> outcomes, Function<List<Outcome>, Set<Claim>> write) {
    try {
      return write.apply(outcomes);
    } catch (SqlFailure failure) {
      if (failure.kind() != SqlFailure.Kind.DATA) {
        throw failure;
      }
      if (outcomes.size() == 1) {
        return write.apply(List.of(unstorable(outcomes.getFirst(), failure)));
      }
      int half = outcomes.size() / 2;
      var lost = new HashSet<>(write(outcomes.subList(0, half), write));
      lost.addAll(write(outcomes.subList(half, outcomes.size()), write));
      return lost;
    }
  }

  private static Outcome unstorable(Outcome outcome, SqlFailure failure) {
    log.atWarn()
        .addKeyValue("step", outcome.step().id())
        .addKeyValue("cause", failure.getMessage())
        .log("a step's result cannot be stored as JSON in Postgres; the step fails");
    return new Outcome.Failed(
        outcome.step(),
        StepError.permanent(
            "result_not_storable", "Postgres cannot store what the handler has written as JSON"),
        false,
        outcome.startedAt(),
        outcome.receipt());
  }
}
