package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.SafeText;

/**
 * Reads what a template's handler block asks for: {@code transform}, {@code wasm:transform} and
 * {@code wasm:transform@1.2} name a handler of ours, whose one entry point is {@code call}.
 */
public final class CallableParser {
  private static final String SCHEME = "wasm";
  private static final String PREFIX = SCHEME + ":";
  private static final String METHOD = "call";

  private CallableParser() {}

  /**
   * @throws IllegalArgumentException saying why no handler of ours can be meant
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
          "the callable '%s' names no handler of this worker (transform, wasm:transform and"
                  .formatted(SafeText.sanitize(callable, 100))
              + " wasm:transform@1.2 do): "
              + e.getMessage(),
          e);
    }
  }
}
