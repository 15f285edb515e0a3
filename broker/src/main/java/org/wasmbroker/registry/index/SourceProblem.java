package org.wasmbroker.registry.index;

/**
 * Why the releases of a source may be out of date.
 *
 * @param location of the source
 * @param listedBefore whether it could be listed earlier: its releases of then are still served
 */
public record SourceProblem(String location, String message, boolean listedBefore) {}
