package org.wasmbroker.secret;

import java.util.regex.Pattern;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.sandbox.AbiError;

/** Finds {@code {{secret:NAME}}} in a text. What is filled in is not looked at again. */
final class Placeholders {
  private static final String BEGIN = SecretName.PLACEHOLDER_BEGIN;
  private static final Pattern PLACEHOLDER =
      Pattern.compile(Pattern.quote(BEGIN) + "([^{}\\s]{1,128})}}");

  private Placeholders() {}

  /** Gives what stands for a name. */
  interface Values {
    String of(String name) throws FillRefusedException;
  }

  static String filled(String text, Values values) throws FillRefusedException {
    var filled = new StringBuilder(text.length() + 64);
    var placeholder = PLACEHOLDER.matcher(text);
    int from = 0;
    for (int at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, from)) {
      if (!placeholder.find(at) || placeholder.start() != at) {
        throw new FillRefusedException(
            AbiError.INVALID, "a placeholder of a secret is written {{secret:NAME}}");
      }
      filled.append(text, from, at).append(values.of(placeholder.group(1)));
      from = placeholder.end();
    }
    return filled.append(text, from, text.length()).toString();
  }
}
