package org.wasmbroker.telemetry.micrometer;

import java.util.List;
import java.util.Map;

/**
 * The values of tags that are known before anything happens. Their series exist from the start with
 * the value 0: one that begins at 1 has not increased, so an alert would miss the first event.
 *
 * @param tasker whether the steps are Tasker's, which have errors of their own
 * @param deadLetters the queues of steps, and for what reasons their messages are dead-lettered
 * @param limits the limits that a run may exceed
 * @param traps the kinds of traps
 * @param functions the host functions
 * @param refusals why a guest's HTTP request gets no response
 * @param secretUses what may be done with secrets, and the answers
 */
public record KnownValues(
    boolean tasker,
    Map<String, List<String>> deadLetters,
    List<String> limits,
    List<String> traps,
    List<String> functions,
    List<HttpRefusal> refusals,
    List<SecretUse> secretUses) {
  /** Nothing is known: series appear with their first event. */
  public static final KnownValues NONE =
      new KnownValues(false, Map.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public KnownValues {
    deadLetters = Map.copyOf(deadLetters);
    limits = List.copyOf(limits);
    traps = List.copyOf(traps);
    functions = List.copyOf(functions);
    refusals = List.copyOf(refusals);
    secretUses = List.copyOf(secretUses);
  }

  /** The error that the guest sees, and the reason. */
  public record HttpRefusal(String error, String reason) {}

  /** What is done with a secret, and the answer. */
  public record SecretUse(String use, String answer) {}
}
