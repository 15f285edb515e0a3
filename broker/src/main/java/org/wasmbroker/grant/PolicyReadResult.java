package org.wasmbroker.grant;

import java.util.List;

/** What came of reading a policy file. */
public sealed interface PolicyReadResult {
  record Valid(Policy policy) implements PolicyReadResult {}

  record Invalid(List<PolicyProblem> problems) implements PolicyReadResult {}
}
