package org.wasmbroker.grant;

import java.util.List;

/** What came of reading a policy file. */
public sealed interface PolicyReading {
  record Good(Policy policy) implements PolicyReading {}

  record Broken(List<PolicyProblem> problems) implements PolicyReading {}
}
