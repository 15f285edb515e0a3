package org.wasmbroker.protocol.tasker.worker;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.HandlerRef;

/**
 * This worker's identity, and what it can run. The handlers are queried when templates are
 * registered, to warn about those that no module serves.
 *
 * @param identity whose id is a UUID
 * @param version of the broker, for people who read the journal
 * @param serves whether some module serves a handler
 * @param handlers the names of all available handlers
 */
public record TaskerWorker(
    WorkerIdentity identity,
    String version,
    Predicate<HandlerRef> serves,
    Supplier<? extends Collection<String>> handlers) {

  /** A worker that considers every handler served. */
  public TaskerWorker(WorkerIdentity identity, String version) {
    this(identity, version, handler -> true, List::of);
  }
}
