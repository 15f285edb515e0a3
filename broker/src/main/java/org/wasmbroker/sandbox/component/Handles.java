package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.RunState;

/**
 * The resources of the host that one run holds, by their handles: small numbers from 1 on, of which
 * one that was given back is given out again. Used by the run's thread.
 */
public final class Handles {
  /** More than any program has open at once. */
  static final int MAX_OPEN = 1_000;

  private final List<@Nullable Entry> entries = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();

  private record Entry(String resource, Object value) {}

  /** Gives the guest a handle of a resource. */
  int add(String resource, Object value, RunState run) throws GuestStoppedException {
    var entry = new Entry(resource, value);
    if (!free.isEmpty()) {
      int handle = free.removeLast();
      entries.set(handle - 1, entry);
      return handle;
    }
    if (entries.size() == MAX_OPEN) {
      throw run.violated("it has %d handles open, the maximum".formatted(MAX_OPEN));
    }
    entries.add(entry);
    return entries.size();
  }

  /** What the guest has a handle of. */
  Object get(String resource, int handle, RunState run) throws GuestStoppedException {
    var entry = handle < 1 || handle > entries.size() ? null : entries.get(handle - 1);
    if (entry == null || !entry.resource().equals(resource)) {
      throw run.violated(
          "handle %d is not open, or is none of %s"
              .formatted(Integer.toUnsignedLong(handle), resource));
    }
    return entry.value();
  }

  /** The same, and the guest has the handle no more. */
  Object take(String resource, int handle, RunState run) throws GuestStoppedException {
    var value = get(resource, handle, run);
    entries.set(handle - 1, null);
    free.add(handle);
    return value;
  }
}
