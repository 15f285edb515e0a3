package org.wasmbroker.sandbox.host;

/**
 * A function whose name and signature ABI v1 keeps for later. A module that imports it is refused.
 *
 * @param signature as {@link HostFunction#signature()} writes it
 */
public record ReservedFunction(String module, String name, String signature) {}
