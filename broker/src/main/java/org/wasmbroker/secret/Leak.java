package org.wasmbroker.secret;

import org.wasmbroker.grant.SecretName;
import org.wasmbroker.step.StepError;

/**
 * A secret's value in what a step says.
 *
 * @param pointer a JSON pointer, or empty where it is not within one member or not JSON
 */
public record Leak(SecretName name, Form form, String pointer) {
  public static final String TYPE = "secret_in_output";

  /**
   * The step's error.
   *
   * @param where the text in which it was found, such as {@code the result document}
   */
  public StepError toError(String where) {
    return StepError.permanent(
        TYPE,
        "%s has the value of secret %s, %s%s; it was dropped"
            .formatted(
                where, name, form.description(), pointer.isEmpty() ? "" : ", at " + pointer));
  }
}
