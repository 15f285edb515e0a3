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
 * How steps are claimed from a queue and their outcomes are reported. Each call is one transaction;
 * ownership is checked in every call that depends on it, so that a claim which was lost changes
 * nothing. Thread-safe.
 *
 * <p>Every method but those of {@link StepRules} throws {@link ProtocolException} when the database
 * refuses or cannot be reached; in that case nothing was done, or the connection was lost and the
 * same call may be repeated.
 */
public interface StepProtocol extends StepRules, AutoCloseable {
  /** Creates what is missing and checks what exists; called once, first. */
  void prepare();

  /**
   * Claims steps that are ready, in one round trip. Messages that are not valid steps are
   * dead-lettered and not returned.
   *
   * @param max how many messages to read at most, 1 or more
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

  /** Makes steps available again immediately, to any worker; the attempt does not count. */
  void release(Collection<Step> steps);

  /**
   * Calls back, on a thread of its own, whenever steps may have arrived. Notifications can be lost
   * and can be spurious: polling is still necessary.
   *
   * @return ends the notifications when closed
   */
  Subscription subscribe(Runnable wakeUp);

  /** Frees what the protocol holds, but not the database pool, which belongs to the caller. */
  @Override
  void close();

  /**
   * The steps of a claim.
   *
   * @param read how many messages were read, valid or not; as many as requested means that there
   *     may be more
   */
  record ClaimResult(List<Step> steps, int read) {}

  /** A running subscription. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
