package org.wasmbroker.protocol;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * How steps are taken from a queue and what became of them is told. Each call is one transaction;
 * ownership is checked in every call that uses it, so that a claim which moved on changes nothing.
 * Thread-safe.
 *
 * <p>Every method throws {@link ProtocolException} when the database refuses or cannot be reached;
 * in that case nothing was done, or the connection was lost and the same call may be made again.
 */
public interface StepProtocol extends StepRules, AutoCloseable {
  /** Creates what is missing and checks what is there; once, before all else. */
  void prepare();

  /**
   * Takes steps that are ready, in one round trip. Messages that are no steps are dead-lettered on
   * the way and not among the answer.
   *
   * @param max how many messages to read, 1 or more
   */
  ClaimResult claim(int max);

  /** How often {@link #renew} has to be called while steps are held. */
  Duration renewEvery();

  /**
   * Extends the leases of steps that wait or run.
   *
   * @return the claims that are lost
   */
  Set<Claim> renew(Collection<Step> steps);

  /**
   * Writes outcomes and ends the claims, all in one transaction. Writing an outcome twice changes
   * nothing. A batch with an outcome that the database cannot store is refused as a whole, as
   * {@link ProtocolException.Kind#UNSTORABLE}.
   *
   * @return the claims that were lost before, whose outcomes were dropped
   */
  Set<Claim> complete(List<Outcome> outcomes);

  /** Makes steps ready again at once, for any worker; the attempt does not count. */
  void release(Collection<Step> steps);

  /**
   * Calls back, on a thread of its own, whenever steps may have arrived. Notices can be lost and
   * can be spurious: polling stays necessary.
   *
   * @return ends the calls when closed
   */
  Subscription subscribe(Runnable wakeUp);

  /** Frees what the protocol holds; the database pool stays its owner's. */
  @Override
  void close();

  /**
   * What a claim brought.
   *
   * @param read how many messages were read, steps or not; as many as asked means there may be more
   */
  record ClaimResult(List<Step> steps, int read) {}

  /** A running subscription. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
