package org.wasmbroker.capability;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostClocks;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;

/** A run without an engine: the test calls the host functions and inspects the memory. */
final class HostCallHarness {
  static final int MEMORY = 1 << 16;

  private final byte[] bytes = new byte[MEMORY];
  private final RunState run;

  HostCallHarness(Access access, Cancellation cancellation) {
    this.run =
        new RunState(
            Capabilities.STANDARD.functions(),
            new Invocation(
                "handler", Document.of("{}"), Limits.DEFAULTS, cancellation, GuestLog.NONE, access),
            GuestKind.REACTOR,
            HostClocks.SYSTEM);
  }

  HostCallHarness(Access access) {
    this(access, new Cancellation());
  }

  /** Calls a host function; pointers are places in the memory. */
  int call(String name, int... arguments) throws GuestStoppedException {
    for (int index = 0; index < Capabilities.STANDARD.functions().all().size(); index++) {
      if (Capabilities.STANDARD.functions().all().get(index).name().equals(name)) {
        return (int)
            Capabilities.STANDARD.functions().entries().get(index).call(new Call(arguments));
      }
    }
    throw new AssertionError("no function " + name);
  }

  int put(int at, String text) {
    var written = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(written, 0, bytes, at, written.length);
    return written.length;
  }

  String text(int at, int length) {
    return new String(bytes, at, length, StandardCharsets.UTF_8);
  }

  boolean isZero(int from, int to) {
    return Arrays.equals(Arrays.copyOfRange(bytes, from, to), new byte[to - from]);
  }

  InvocationResult finish() {
    return run.finish(new StopReason.Returned(0), new EngineInfo("none", "1"), MEMORY);
  }

  private final class Call implements HostCall {
    private final int[] arguments;

    Call(int[] arguments) {
      this.arguments = arguments;
    }

    @Override
    public int i32(int index) {
      return arguments[index];
    }

    @Override
    public long i64(int index) {
      return arguments[index];
    }

    @Override
    public GuestMemory memory() {
      return new GuestMemory(MemorySegment.ofArray(bytes));
    }

    @Override
    public RunState run() {
      return run;
    }

    @Override
    public @Nullable Document content() {
      return null;
    }
  }
}
