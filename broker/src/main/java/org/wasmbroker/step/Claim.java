package org.wasmbroker.step;

/**
 * The proof that this broker owns a step, issued and understood by the protocol that the step came
 * from. Equal claims are the same ownership; a later claim of the same step is a different one.
 */
public interface Claim {}
