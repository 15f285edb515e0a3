package org.wasmbroker.telemetry.micrometer;

import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Values that are read at each scrape instead of being reported as events. The suppliers do not
 * block and may be called from any thread.
 *
 * @param slots the maximum number of concurrent steps
 * @param slotsInUse slots currently held by a step
 * @param processors how many guests compute at once at most
 * @param computing guests that compute
 * @param waitingForPermit guests that could go on and wait for others to let them compute
 * @param waiting claimed steps waiting for a slot or for memory
 * @param memory the memory budget of all guests together, in bytes
 * @param memoryInUse the part of it that is reserved by running guests
 * @param waitingForMemory claimed steps waiting for memory
 * @param prefetch steps that are claimed ahead of free slots at most
 * @param reportBacklog outcomes waiting to be written
 * @param stalledSeconds for how long steps could have started and none has
 * @param drainGraceSeconds how long running steps may go on when the broker drains
 */
public record Gauges(
    IntSupplier slots,
    IntSupplier slotsInUse,
    IntSupplier processors,
    IntSupplier computing,
    IntSupplier waitingForPermit,
    IntSupplier waiting,
    LongSupplier memory,
    LongSupplier memoryInUse,
    IntSupplier waitingForMemory,
    IntSupplier prefetch,
    IntSupplier reportBacklog,
    DoubleSupplier stalledSeconds,
    double drainGraceSeconds) {}
