package org.wasmbroker.grant;

import java.util.List;
import org.wasmbroker.document.Problem;

/** The result of reading a policy file. */
public sealed interface PolicyReadResult {
  record Valid(Policy policy) implements PolicyReadResult {}

  record Invalid(List<Problem> problems) implements PolicyReadResult {}
}
