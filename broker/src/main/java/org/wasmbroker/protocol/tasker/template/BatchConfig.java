package org.wasmbroker.protocol.tasker.template;

/**
 * How work is split into batches. The orchestrator reads the one of the batch worker's definition.
 *
 * @param workerTemplate the name of the batch worker's definition
 * @param failureStrategy {@code continue_on_failure}, {@code fail_fast} or {@code isolate}
 */
public record BatchConfig(
    long batchSize,
    long parallelism,
    String cursorField,
    String workerTemplate,
    String failureStrategy) {}
