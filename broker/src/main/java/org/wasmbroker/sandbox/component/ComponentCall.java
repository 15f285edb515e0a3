package org.wasmbroker.sandbox.component;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.step.Document;

/**
 * One call of a component, and how it reaches the table of host functions: with numbers and a
 * memory, as a core module does. That memory is the guest's, or one of the host's that has what the
 * guest's has somewhere else.
 */
final class ComponentCall {
  private final Guest guest;

  ComponentCall(Guest guest) {
    this.guest = guest;
  }

  Guest guest() {
    return guest;
  }

  RunState run() {
    return guest.run();
  }

  /** Calls a function with pointers into the guest's memory. */
  long call(Entry entry, long... arguments) throws GuestStoppedException {
    return entry.call(new CoreCall(guest, guest.memory(), arguments));
  }

  /** Calls a function with pointers into other bytes. */
  long callOn(byte[] bytes, Entry entry, long... arguments) throws GuestStoppedException {
    return entry.call(new CoreCall(guest, memory(bytes), arguments));
  }

  /** Bytes of the host as a memory. */
  static GuestMemory memory(byte[] bytes) {
    return new GuestMemory(MemorySegment.ofArray(bytes));
  }

  /** Counts a call that no function of the table answers. */
  void count() throws GuestStoppedException {
    run().enterComponentCall(new CoreCall(guest, guest.memory(), new long[0]));
  }

  /** A call as a core module would make it. */
  private static final class CoreCall implements HostCall {
    private final Guest guest;
    private final GuestMemory memory;
    private final long[] arguments;

    CoreCall(Guest guest, GuestMemory memory, long[] arguments) {
      this.guest = guest;
      this.memory = memory;
      this.arguments = arguments;
    }

    @Override
    public GuestMemory memory() {
      return memory;
    }

    @Override
    public int i32(int index) {
      return (int) arguments[index];
    }

    @Override
    public long i64(int index) {
      return arguments[index];
    }

    @Override
    public long guestMemoryBytes() {
      return guest.memory().size();
    }

    @Override
    public RunState run() {
      return guest.run();
    }

    @Override
    public @Nullable Document content() {
      return guest.content();
    }
  }
}
