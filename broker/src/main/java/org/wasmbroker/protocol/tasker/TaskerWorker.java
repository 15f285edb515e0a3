package org.wasmbroker.protocol.tasker;

import java.util.function.Predicate;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.HandlerRef;

/**
 * Who this worker is, and what it can run.
 *
 * @param identity whose id is a UUID
 * @param version of the broker, for people who look at the journal
 * @param serves whether some module serves a handler; asked when templates are registered
 */
public record TaskerWorker(WorkerIdentity identity, String version, Predicate<HandlerRef> serves) {}
