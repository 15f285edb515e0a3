package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.SafeText;

/**
 * Parses the handler block of a template: {@code transform}, {@code wasm:transform} and {@code
 * wasm:transform@1.2} name a handler of this worker, whose only entry point is {@code call}.
 */
public final class CallableParser {
  private static final String SCHEME = "wasm";
  private static final String PREFIX = SCHEME + ":";
  private static final String METHOD = "call";

  private CallableParser() {}

  /**
   * @throws IllegalArgumentException saying why it is not a handler of this worker
   */
  public static HandlerRef parse(StepDefinition step) {
    return parse(step.callable(), step.method(), step.resolver());
  }

  static HandlerRef parse(String callable, @Nullable String method, @Nullable String resolver) {
    if (resolver != null && !resolver.equals(SCHEME)) {
      throw new IllegalArgumentException(
          "the handler's resolver must be absent or '%s', was '%s'"
              .formatted(SCHEME, SafeText.sanitize(resolver, 100)));
    }
    if (method != null && !method.equals(METHOD)) {
      throw new IllegalArgumentException(
          "the handler's method must be absent or '%s', was '%s'"
              .formatted(METHOD, SafeText.sanitize(method, 100)));
    }
    try {
      return HandlerRef.parse(
          callable.startsWith(PREFIX) ? callable.substring(PREFIX.length()) : callable);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the callable '%s' is not a handler of this worker (such as transform, wasm:transform or"
                  .formatted(SafeText.sanitize(callable, 100))
              + " wasm:transform@1.2): "
              + e.getMessage(),
          e);
    }
  }
}
