package org.wasmbroker.protocol.tasker.template;

/**
 * How work is split into batches. The orchestrator reads the one of the batch worker's definition,
 * and all of it but the worker's name is its own affair.
 *
 * @param workerTemplate the name of the batch worker's definition
 */
public record BatchConfig(String workerTemplate) {}
