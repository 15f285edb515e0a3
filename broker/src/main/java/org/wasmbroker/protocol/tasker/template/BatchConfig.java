package org.wasmbroker.protocol.tasker.template;

/**
 * How work is split into batches. The orchestrator uses the configuration of the batch worker's
 * definition; this worker needs only the worker's name.
 *
 * @param workerTemplate the name of the batch worker's definition
 */
public record BatchConfig(String workerTemplate) {}
