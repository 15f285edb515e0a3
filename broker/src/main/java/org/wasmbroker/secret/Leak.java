package org.wasmbroker.secret;

import org.wasmbroker.capability.SecretName;
import org.wasmbroker.step.StepError;

/**
 * A secret's value that was found in a step's output or request.
 *
 * @param pointer the JSON pointer of the value, or empty if it is not within one member or the text
 *     is not JSON
 */
public record Leak(SecretName name, Form form, String pointer) {
  public static final String TYPE = "secret_in_output";

  /**
   * The error with which the step fails.
   *
   * @param where what the text is in which it was found, such as {@code the result document}
   */
  public StepError toError(String where) {
    return StepError.permanent(
        TYPE,
        "%s contains the value of secret %s, %s%s; it was dropped"
            .formatted(
                where, name, form.description(), pointer.isEmpty() ? "" : ", at " + pointer));
  }
}
