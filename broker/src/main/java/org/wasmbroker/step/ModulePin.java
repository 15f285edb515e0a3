package org.wasmbroker.step;

/**
 * The module that an earlier attempt of a step ran, and that the step keeps.
 *
 * @param module the handler with that digest
 * @param version under which it ran
 * @param continued whether the step continues from a checkpoint, which only that version
 *     understands for certain
 */
public record ModulePin(HandlerRef module, Version version, boolean continued) {
  public static ModulePin of(ModuleId id, boolean continued) {
    return new ModulePin(
        new HandlerRef(id.handler(), Selector.DIGEST + id.digest()),
        Version.parse(id.version()),
        continued);
  }
}
