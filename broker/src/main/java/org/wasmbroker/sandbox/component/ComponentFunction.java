package org.wasmbroker.sandbox.component;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/**
 * One function that components may import.
 *
 * @param instance the interface without its version, such as {@code wasi:io/streams}
 * @param type as {@link Signature#text} writes it
 * @param needs the names of the broker's own functions that it calls, which have to be granted
 */
record ComponentFunction(String instance, String name, String type, Set<String> needs, Body body) {

  /** What a function does. */
  @FunctionalInterface
  interface Body {
    /**
     * Handles one call.
     *
     * @param arguments as {@link Values} says
     * @return the result, as {@link Values} says; null of a function without one
     * @throws GuestStoppedException when the guest must not continue
     */
    @Nullable Object call(ComponentCall call, Object[] arguments) throws GuestStoppedException;
  }
}
