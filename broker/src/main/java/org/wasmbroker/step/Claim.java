package org.wasmbroker.step;

/**
 * The proof that this broker owns a step just now, made and understood by the protocol that handed
 * the step out. Equal claims are the same ownership; a later claim of the same step is another one.
 */
public interface Claim {}
