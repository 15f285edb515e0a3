package org.wasmbroker.telemetry;

import java.time.Duration;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/** A step's guest used a capability, or tried to. */
public sealed interface CallEvent extends StepEvent {
  /** The module that made the call. */
  ModuleId module();

  /**
   * The guest used a secret, or tried to.
   *
   * @param use {@code read}, {@code fill}, or {@code leak} for a value found in the step's output
   * @param answer {@code allowed}, {@code denied}, {@code not_found}, {@code unavailable}, {@code
   *     refused}
   */
  record SecretUsed(Step step, ModuleId module, String use, String answer) implements CallEvent {}

  /**
   * An HTTP request was sent and has completed, successfully or not.
   *
   * @param rule the policy rule that grants the destination
   * @param outcome the class of the response status, such as {@code 2xx}, or the error type
   * @param took from the guest's call to the end of the response
   */
  record HttpCompleted(
      Step step,
      ModuleId module,
      String rule,
      String outcome,
      Duration took,
      long sentBytes,
      long receivedBytes)
      implements CallEvent {}

  /**
   * An HTTP request got no response.
   *
   * @param error the error type
   * @param reason {@code destination}, {@code address}, {@code rate}, {@code secret}, …
   */
  record HttpRefused(Step step, ModuleId module, String error, String reason)
      implements CallEvent {}

  /** An HTTP request was allowed only by a policy rule in mode {@code audit}. */
  record HttpAudited(Step step, ModuleId module, String rule) implements CallEvent {}

  /**
   * What the guest did with its cache until the step ended: how many values it found and did not
   * find, put, was not allowed to put, and deleted.
   */
  record CacheUsed(
      Step step, ModuleId module, long hits, long misses, long puts, long refused, long deletes)
      implements CallEvent {}

  /**
   * What the guest did with files until the step ended: how many files and directories it opened,
   * created and removed, how many bytes it read and wrote, and how often something did not fit.
   */
  record FilesUsed(
      Step step,
      ModuleId module,
      long opened,
      long created,
      long removed,
      long bytesRead,
      long bytesWritten,
      long refused)
      implements CallEvent {}
}
