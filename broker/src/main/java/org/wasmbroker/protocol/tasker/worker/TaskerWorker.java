package org.wasmbroker.protocol.tasker.worker;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.HandlerRef;

/**
 * Who this worker is, and what it can run. The handlers are asked for when templates are
 * registered, to warn of those that nothing serves.
 *
 * @param identity whose id is a UUID
 * @param version of the broker, for people who look at the journal
 * @param serves whether some module serves a handler
 * @param handlers the names of all handlers that there are
 */
public record TaskerWorker(
    WorkerIdentity identity,
    String version,
    Predicate<HandlerRef> serves,
    Supplier<? extends Collection<String>> handlers) {

  /** One that takes every handler for served. */
  public TaskerWorker(WorkerIdentity identity, String version) {
    this(identity, version, handler -> true, List::of);
  }
}
