package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * What a module's {@code prepare} needs.
 *
 * <p>What it leaves depends on the module, the configuration and the limits except their time, and
 * on whether the access grants {@code log} and {@code read_input}: an image may be used for other
 * steps for which these are equal.
 *
 * @param handler the handler's name
 * @param configuration what {@code read_input} gives: the configuration and nothing else
 * @param limits as for a run; its time starts with instantiation
 * @param cancellation stops this preparation only
 * @param log where the guest's log lines go
 * @param access says whether {@code log} and {@code read_input} are granted, and redacts log lines;
 *     nothing else of it can be reached
 * @param permit the right to use a processor, which it has when it begins
 * @param maxImageBytes the largest image that is wanted
 */
public record Preparation(
    String handler,
    Document configuration,
    Limits limits,
    Cancellation cancellation,
    GuestLog log,
    Access access,
    ComputePermit permit,
    long maxImageBytes) {}
