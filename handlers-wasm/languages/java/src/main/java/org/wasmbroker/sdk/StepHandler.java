package org.wasmbroker.sdk;

/** Runs one step. */
@FunctionalInterface
public interface StepHandler {
  /**
   * @return how the step ended
   * @throws Failure if it failed. Any other exception ends the run as one that has gone wrong, with
   *     its text in the step's error
   */
  Outcome handle(Step step);

  /** Runs the step of this instance: all that {@code main} does. */
  static void serve(StepHandler handler) {
    try {
      outcomeOf(handler).writeOutput();
    } catch (RuntimeException | Error unexpected) {
      Host.fail(unexpected);
    }
  }

  private static Json outcomeOf(StepHandler handler) {
    try {
      return handler.handle(new Step(Json.parse(Host.readInput(), Step.INVALID_INPUT))).document();
    } catch (Failure failure) {
      return failure.document();
    }
  }
}
