package org.wasmbroker.telemetry.micrometer;

import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What is looked up at each scrape rather than told by an event. The suppliers answer at once and
 * from any thread.
 *
 * @param slots how many steps may run at once
 * @param slotsInUse how many slots a step holds now
 * @param waiting how many claimed steps wait for a slot or for memory
 * @param memory the bytes of memory that guests may use together
 * @param memoryInUse how many of them those that run now may use
 * @param waitingForMemory how many claimed steps wait for memory
 * @param reportBacklog how many outcomes wait to be written
 */
public record Gauges(
    IntSupplier slots,
    IntSupplier slotsInUse,
    IntSupplier waiting,
    LongSupplier memory,
    LongSupplier memoryInUse,
    IntSupplier waitingForMemory,
    IntSupplier reportBacklog) {}
