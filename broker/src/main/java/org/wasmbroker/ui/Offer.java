package org.wasmbroker.ui;

import java.util.function.Supplier;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * A handler that the playground shows.
 *
 * @param manifest as its author wrote it
 * @param digest of its module
 * @param module reads the module when a page wants to run it
 */
public record Offer(
    HandlerEntry handler, Document manifest, Digest digest, Supplier<WasmBinary> module) {}
