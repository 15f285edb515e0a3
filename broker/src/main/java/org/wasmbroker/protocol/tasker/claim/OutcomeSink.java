package org.wasmbroker.protocol.tasker.claim;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** Accepts the outcomes of claimed steps that are never handed to a guest. */
public interface OutcomeSink {
  /**
   * @return the claims that were lost to other workers
   */
  Set<Claim> complete(List<Outcome> outcomes);

  /** Makes steps ready again without counting the attempt. */
  void release(Collection<Step> steps);
}
