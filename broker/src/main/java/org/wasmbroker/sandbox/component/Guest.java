package org.wasmbroker.sandbox.component;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.step.Document;

/** A component's instance while values are passed to it and taken from it. */
public interface Guest {
  /** The core function that gives out memory: old pointer, old size, alignment, new size. */
  FunctionType REALLOC =
      new FunctionType(
          List.of(ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32),
          List.of(ValueType.I32));

  /**
   * Its memory as it is now, which may be another one after {@link #allocate}.
   *
   * @throws GuestStoppedException if the instance that has it is not made yet
   */
  GuestMemory memory() throws GuestStoppedException;

  /**
   * Has the guest give out memory, which runs its code.
   *
   * @return a pointer, whatever the guest says
   * @throws GuestStoppedException if it does not return
   */
  int allocate(int align, int bytes) throws GuestStoppedException;

  RunState run();

  /** What the component carries beside its code, or null. */
  @Nullable Document content();

  /** The resources that it holds. */
  Handles handles();
}
