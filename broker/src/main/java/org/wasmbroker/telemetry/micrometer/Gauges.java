package org.wasmbroker.telemetry.micrometer;

import java.util.function.IntSupplier;

/**
 * What is looked up at each scrape rather than told by an event. The suppliers answer at once and
 * from any thread.
 *
 * @param slots how many steps may run at once
 * @param slotsInUse how many slots a step holds now
 * @param waiting how many claimed steps wait for a slot
 * @param reportBacklog how many outcomes wait to be written
 */
public record Gauges(
    IntSupplier slots, IntSupplier slotsInUse, IntSupplier waiting, IntSupplier reportBacklog) {}
