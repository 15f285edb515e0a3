package org.wasmbroker.url;

import java.util.Set;
import java.util.regex.Pattern;

/** Methods of requests. */
public final class HttpMethods {
  private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,19}");
  private static final Set<String> FORBIDDEN = Set.of("CONNECT", "TRACE");

  private HttpMethods() {}

  /** Whether it has the form of a method: upper-case letters and hyphens. */
  public static boolean isWellFormed(String method) {
    return METHOD.matcher(method).matches();
  }

  /** Whether the broker never sends it, whatever a policy says. */
  public static boolean isForbidden(String method) {
    return FORBIDDEN.contains(method);
  }
}
