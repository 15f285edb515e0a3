package org.wasmbroker.plan;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.step.HandlerRef;

/** The handlers that a plan may use. */
public interface Handlers {
  /** The newest release that the reference means; of a channel, the newest of the handler. */
  Optional<HandlerEntry> find(HandlerRef reference);

  /** The names of all handlers. */
  List<String> names();

  /** The versions of a handler, the newest first; none if there is no such handler. */
  List<String> versions(String name);
}
