package org.wasmbroker.secret;

import java.util.regex.Pattern;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;

/**
 * Replaces {@code {{secret:NAME}}} in a text. Filled-in values are not searched for placeholders.
 */
final class Placeholders {
  private static final String PREFIX = SecretName.PLACEHOLDER_PREFIX;
  private static final Pattern PLACEHOLDER =
      Pattern.compile(Pattern.quote(PREFIX) + "([^{}\\s]{1,128})}}");

  private Placeholders() {}

  /** Looks up the value of a name. */
  interface ValueLookup {
    String valueOf(String name) throws CallRefusedException;
  }

  static String fill(String text, ValueLookup lookup) throws CallRefusedException {
    var filled = new StringBuilder(text.length() + 64);
    var placeholder = PLACEHOLDER.matcher(text);
    int from = 0;
    for (int at = text.indexOf(PREFIX); at >= 0; at = text.indexOf(PREFIX, from)) {
      if (!placeholder.find(at) || placeholder.start() != at) {
        throw new CallRefusedException(
            AbiError.INVALID, "a secret placeholder must have the form {{secret:NAME}}");
      }
      filled.append(text, from, at).append(lookup.valueOf(placeholder.group(1)));
      from = placeholder.end();
    }
    return filled.append(text, from, text.length()).toString();
  }
}
