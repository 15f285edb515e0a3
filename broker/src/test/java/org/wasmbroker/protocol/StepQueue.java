package org.wasmbroker.protocol;

import java.util.List;
import java.util.UUID;
import org.wasmbroker.step.Step;

/**
 * A queue from the point of view of its other users, for the contracts of {@link StepProtocol}: the
 * senders of steps, the consumers of results, and observers.
 */
public interface StepQueue {
  /** Another worker on the queue, prepared. */
  StepProtocol connect();

  /** Makes this many steps with this many attempts ready; returns their ids in order. */
  List<UUID> ready(int steps, int maxAttempts);

  /** Makes this many steps with several attempts ready. */
  default List<UUID> ready(int steps) {
    return ready(steps, 3);
  }

  /** Sends a message, which need not be a valid step. */
  void send(String message);

  /**
   * Transfers the ownership of a step to another worker, the way it happens in this protocol. No
   * other step may be ready.
   *
   * @return the step as claimed by its new owner
   */
  Step takeOver(Step held, StepProtocol by);

  /**
   * Advances time until the claims of a call whose response was lost can be claimed again by the
   * worker that made the call.
   */
  void expireLostClaims();

  /** Lets the orchestrator process reported outcomes, where there is one. */
  void processReports();

  /** The same, and every delay before another attempt elapses. */
  void makeRetriesDue();

  /** The steps that ended, once for each report, as {@code <step> completed|failed}. */
  List<String> ended();

  /** How many messages are in the queue, visible or not. */
  int queued();

  /** How many messages were rejected as invalid. */
  int rejected();
}
