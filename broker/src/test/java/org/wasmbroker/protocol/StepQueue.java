package org.wasmbroker.protocol;

import java.util.List;
import java.util.UUID;
import org.wasmbroker.step.Step;

/**
 * A queue as its other users see it, for the contracts of {@link StepProtocol}: those who send
 * steps to it, those who decide what becomes of reports, and those who look.
 */
public interface StepQueue {
  /** One more worker on the queue, prepared. */
  StepProtocol connect();

  /** Makes so many steps ready that may be tried so often; answers their ids in that order. */
  List<UUID> ready(int steps, int maxAttempts);

  /** Makes so many steps ready that may be tried more than once. */
  default List<UUID> ready(int steps) {
    return ready(steps, 3);
  }

  /** Sends a message that need not be a step's. */
  void send(String message);

  /**
   * Lets another worker come to own the step that one holds, the way it happens where this is the
   * queue of. No other step may be ready.
   *
   * @return the step as its new owner has it
   */
  Step takeOver(Step held, StepProtocol by);

  /**
   * What was claimed in a call whose answer was lost can be claimed again, by the worker that made
   * the call: as much time passes as that takes.
   */
  void expireLostClaims();

  /** Whoever decides what becomes of reports does so, where that is not the worker itself. */
  void processReports();

  /** The same, and every delay before another attempt is over. */
  void makeRetriesDue();

  /** What ended for good, once for each report of it, as {@code <step> completed|failed}. */
  List<String> ended();

  /** How many messages are in the queue, visible or not. */
  int queued();

  /** How many messages were put aside since they are no steps. */
  int rejected();
}
