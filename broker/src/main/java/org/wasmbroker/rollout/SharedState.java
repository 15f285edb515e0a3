package org.wasmbroker.rollout;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the brokers of a fleet know together: which candidates were rolled back, and how runs ended
 * on each of them. Called by one thread at a time.
 */
public interface SharedState {
  /**
   * The counts of one broker.
   *
   * @param episode the rollbacks of the handler's candidate before these runs, plus 1
   */
  record Counted(ReleaseName release, int episode, RunCounts counts) {}

  /**
   * What is known of these releases.
   *
   * @param rolledBack in force
   * @param episodes by candidate, the episode that counts belong to now; 1 if it is missing
   * @param others how runs ended lately on the other brokers, each episode by itself
   */
  record Known(
      List<Rollback> rolledBack, Map<ReleaseName, Integer> episodes, List<Counted> others) {}

  /**
   * Tells what this broker counted, and learns the rest.
   *
   * @param candidates whose rollbacks are wanted
   * @throws SharedStateException if that is not possible now
   */
  Known exchange(Set<ReleaseName> candidates, List<Counted> own);

  /**
   * Stores a decision. If another broker has stored the same one, that stays.
   *
   * @throws SharedStateException if that is not possible now
   */
  void record(Rollback rollback);
}
