package org.wasmbroker.registry.release;

/** Whether a module may run. */
public sealed interface Verdict {
  /** It may: the policy demands nothing of it, or it has everything. */
  record Trusted() implements Verdict {}

  /**
   * A signature that the policy demands is missing or wrong.
   *
   * @param reason for people: what is missing and what to do, a phrase that follows the module
   */
  record Untrusted(String reason) implements Verdict {}

  /**
   * A person has to approve it before its first run.
   *
   * @param reason for people, with the command that approves it
   */
  record AwaitingApproval(String reason) implements Verdict {}
}
